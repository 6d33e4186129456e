/**
 * Which frames of a video make a clip. Follows the loaders of the reference implementations
 * (VideoMAE and EVEREST, {@code kinetics.py}, {@code ucf.py}) index by index, also at the end of
 * videos that are shorter than the clip.
 */
package dev.tenzing.video.sample;
