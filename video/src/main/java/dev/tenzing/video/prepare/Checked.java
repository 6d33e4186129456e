package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.nio.file.Path;

/**
 * What came of one video.
 *
 * @param info what its scan found; null for a bad one
 * @param defect what is wrong with it; null for a good one
 * @param clip its small copy; null when there is none
 */
record Checked(VideoInfo info, VideoException defect, Path clip) {}
