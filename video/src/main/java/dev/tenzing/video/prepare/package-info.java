/**
 * Checks a data set before it is trained on, and writes small copies of its videos that decode
 * quickly: what is wrong with which file, how long each one is, and clips whose lists point to
 * them. A run that was killed goes on where it was, and one that has nothing to do does nothing.
 */
package dev.tenzing.video.prepare;
