/**
 * Which frames of a video make a clip. Follows the loaders of the reference implementations
 * (VideoMAE's {@code kinetics.py} and {@code ssv2.py}, EVEREST's {@code ucf.py}, VideoMAE V2's
 * {@code pretrain_datasets.py} and {@code datasets.py}) index by index, also at the end of videos
 * that are shorter than the clip.
 */
package dev.tenzing.video.sample;
