package dev.tenzing.video.load;

import dev.tenzing.video.transform.Crop;

/**
 * What a clip consists of.
 *
 * @param frames indices in ascending order
 * @param crop part of each frame, in pixels of the working size
 * @param mirror left and right exchanged
 */
public record ClipPlan(int[] frames, Crop crop, boolean mirror) {}
