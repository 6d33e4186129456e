/**
 * Made videos of labelled motions, to train and test on without a download. A class is a motion and
 * nothing else: at every single instant, place, angle, size, colours, shape and background have the
 * same distribution in all classes, and so has the length, so that only a model that sees motion
 * can tell them apart.
 */
package dev.tenzing.video.synth;
