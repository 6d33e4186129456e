package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.VideoInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code videos.csv}: a line for every video, good or bad. */
final class VideoTable {
  static final String NAME = "videos.csv";

  private static final String HEADER =
      "path,frames,width,height,fps,codec,rotation,vfr,status,problem,sentence\n";

  private VideoTable() {}

  /** The table of all videos, in the order of the map. */
  static String of(Map<Path, Checked> videos) {
    StringBuilder table = new StringBuilder(HEADER);
    videos.forEach((path, checked) -> {
      VideoInfo info = checked.info();
      List<String> fields =
          info != null
              ? List.of(
                  path.toString(),
                  Integer.toString(info.frames()),
                  Integer.toString(info.width()),
                  Integer.toString(info.height()),
                  String.format(Locale.ROOT, "%.3f", info.rate()),
                  info.codec(),
                  Integer.toString(info.rotation()),
                  info.variableRate() ? "1" : "0",
                  "ok",
                  "",
                  "")
              : List.of(
                  path.toString(),
                  "",
                  "",
                  "",
                  "",
                  "",
                  "",
                  "",
                  "bad",
                  checked.defect().reason().code(),
                  checked.defect().sentence());
      table.append(String.join(",", fields.stream().map(VideoTable::quoted).toList())).append('\n');
    });
    return table.toString();
  }

  private static String quoted(String field) {
    return field.matches("[^\",\r\n]*")
        ? field
        : '"' + field.replace("\"", "\"\"").replaceAll("[\r\n]+", " ") + '"';
  }
}
