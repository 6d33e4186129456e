/**
 * Random draws that depend on a key only, never on who drew before: a sample's augmentation is the
 * same whatever the number of threads, and the same again after a restart.
 */
package dev.tenzing.video.random;
