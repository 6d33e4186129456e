/** From pixels to a video file, for made data sets, pictures of results and tests. */
package dev.tenzing.video.encode;
