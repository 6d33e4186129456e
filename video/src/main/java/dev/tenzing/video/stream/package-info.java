/**
 * Long and endless videos in one pass: windows of frames slide over what is decoded, every frame is
 * decoded once, and memory does not grow with the length.
 */
package dev.tenzing.video.stream;
