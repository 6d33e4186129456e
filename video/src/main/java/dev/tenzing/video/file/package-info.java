/**
 * How files are written: those that appear whole or not at all, and logs that are added to line by
 * line; and why one cannot be read.
 */
package dev.tenzing.video.file;
