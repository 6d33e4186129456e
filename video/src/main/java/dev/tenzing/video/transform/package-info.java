/**
 * Which part of a picture is looked at, and how it becomes a square of the wanted size. Rectangles
 * follow the reference implementations ({@code transforms.py}, {@code video_transforms.py});
 * resizing gives the bits that Pillow's bilinear filter gives.
 */
package dev.tenzing.video.transform;
