/** Pictures without java.desktop: an RGB canvas and PNG files. */
package dev.tenzing.tools.picture;
