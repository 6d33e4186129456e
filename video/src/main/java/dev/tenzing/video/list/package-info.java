/**
 * Which videos there are and what they show: list files in the formats of the reference
 * implementations, and folders.
 */
package dev.tenzing.video.list;
