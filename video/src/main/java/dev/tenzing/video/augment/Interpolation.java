package dev.tenzing.video.augment;

/** How a value between pixels is made, as Pillow's filters of the same names. */
enum Interpolation {
  BILINEAR,
  BICUBIC
}
