/**
 * How files are written: those that appear whole or not at all, and logs that are added to line by
 * line.
 */
package dev.tenzing.video.file;
