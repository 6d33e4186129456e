package dev.tenzing.video.synth;

/**
 * Where a shape is. The picture is a torus: what leaves it on one side enters on the other, so that
 * a motion can start anywhere, and its start shows nothing about its class.
 *
 * @param x centre in picture widths
 * @param y centre in picture heights
 * @param angle in full turns, clockwise
 * @param size from 0, smallest, to 1, largest; goes around, too
 */
record Pose(double x, double y, double angle, double size) {}
