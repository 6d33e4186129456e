package dev.tenzing.tools.gallery;

import dev.tenzing.tools.picture.Lettering;
import dev.tenzing.tools.picture.Picture;
import java.util.ArrayList;
import java.util.List;

/** Rows of pictures, each below its caption. */
final class Sheet {
  private static final int GAP = 4;

  /** Pictures narrower than this are enlarged, so that captions do not dwarf them. */
  private static final int NARROW = 112;

  private final List<List<Picture>> rows = new ArrayList<>();

  /** Adds a row. */
  Sheet row(String caption, List<Picture> pictures) {
    rows.add(List.of(Lettering.of(caption)));
    rows.add(List.of(Picture.grid(List.of(pictures.stream().map(Sheet::enlarged).toList()), GAP)));
    return this;
  }

  private static Picture enlarged(Picture picture) {
    int times = width(picture.width()) / picture.width();
    return times == 1 ? picture : picture.enlarged(times);
  }

  /** How wide pictures of a width come out. */
  static int width(int width) {
    return width >= NARROW ? width : (NARROW + width - 1) / width * width;
  }

  /** All of it. */
  Picture picture() {
    Picture content = Picture.grid(rows, GAP);
    Picture sheet = new Picture(content.width() + 2 * GAP, content.height() + 2 * GAP);
    return sheet.fill(0, 0, sheet.width(), sheet.height(), 0xffffff).draw(content, GAP, GAP);
  }
}
