package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryRuleTest {
  @ParameterizedTest
  @CsvSource({
    "h264 IDR, 27, 00 00 01 65 88, false, 1",
    "h264 IDR with parameters, 27, 00 00 00 01 67 42 00 00 01 68 01 00 00 01 65 88, true, 3",
    "h264 recovery point, 27, 00 00 01 06 06 01 84 80 00 00 01 41 9a, true, 0",
    "h264 parameters before a P picture, 27, 00 00 01 68 01 00 00 01 41 9a, false, 2",
    "hevc IDR, 173, 00 00 01 26 01, true, 1",
    "hevc CRA, 173, 00 00 01 2a 01, true, 1",
    "hevc trailing picture, 173, 00 00 01 02 01, true, 0",
    "mpeg4 I picture, 12, 00 00 01 b6 10, true, 1",
    "mpeg4 I picture with its layer, 12, 00 00 01 20 00 00 00 01 b6 10, true, 3",
    "mpeg4 packed, 12, 00 00 01 b6 50 00 00 01 b6 90, false, 4",
    "vp9 marked, 167, 82 49, true, 1",
    "vp9 unmarked, 167, 86 00, false, 0",
    "mjpeg, 7, ff d8, false, 1",
    "wmv2 marked, 18, 00 00, true, 0",
  })
  void packetsAreWhatTheirBytesSay(String what, int coding, String hex, boolean key, int kind) {
    FFmpeg.load();
    AVCodecParameters stream = avcodec.avcodec_parameters_alloc();
    AVPacket packet = avcodec.av_packet_alloc();
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    try (BytePointer data = new BytePointer(bytes)) {
      stream.codec_id(coding);
      packet.data(data).size(bytes.length).flags(key ? avcodec.AV_PKT_FLAG_KEY : 0);
      assertEquals(kind, EntryRule.of(stream).kind(packet), what);
    } finally {
      packet.data(null);
      avcodec.av_packet_free(packet);
      avcodec.avcodec_parameters_free(stream);
    }
  }
}
