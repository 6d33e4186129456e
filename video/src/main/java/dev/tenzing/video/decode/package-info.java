/**
 * From a video file to pixels: the frames of a file in the order in which they are shown, scaled
 * while they are decoded, exact by index, and a written reason for every file that gives none.
 *
 * <p>FFmpeg does the work through the JavaCPP presets; nothing of it is visible outside this
 * package and {@code encode}. JavaCV's grabber above them finds frames by time, not by number,
 * passes over errors of the decoder, and cannot give up a stream that sends bytes and no frames. A
 * decoder uses one thread; speed comes from several decoders at once.
 */
package dev.tenzing.video.decode;
