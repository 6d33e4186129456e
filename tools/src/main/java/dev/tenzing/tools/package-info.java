/** The {@code tenzing} command line: commands, progress and reports. */
package dev.tenzing.tools;
