package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVProbeData;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.javacpp.BytePointer;

/** What FFmpeg takes a file for that is not read as a video: a picture, a sound, a playlist. */
final class Probe {
  private static final int LOOKED_AT = 1 << 16;

  private Probe() {}

  /** FFmpeg's description of the container; null when it knows none. */
  static String describe(Path path) {
    byte[] head;
    try (FileChannel file = FileChannel.open(path)) {
      head = PictureEnds.read(file, 0, LOOKED_AT);
    } catch (IOException e) {
      return null;
    }
    try (AVProbeData data = new AVProbeData();
        BytePointer bytes = new BytePointer(head.length + avformat.AVPROBE_PADDING_SIZE);
        BytePointer name = new BytePointer("")) {
      bytes.fill(0);
      bytes.put(head, 0, head.length);
      data.buf(bytes).buf_size(head.length).filename(name);
      AVInputFormat format = avformat.av_probe_input_format(data, 1);
      return format == null || format.isNull()
          ? null
          : format.long_name().getString() + " (" + format.name().getString() + ")";
    }
  }
}
