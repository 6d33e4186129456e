package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avcodec.AVCodecDescriptor;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * At which packets decoding may begin so that every frame shown from there on has the bits that a
 * decode from the start gives it. Containers mark "key frames" that do not promise this (recovery
 * points of H.264, gradual refresh), so the packet itself is looked into:
 *
 * <ul>
 *   <li>H.264: IDR pictures only. A recovery point with an I picture leaves reference lists of B
 *       pictures to what was decoded before.
 *   <li>HEVC: IDR, BLA and CRA pictures; pictures name their references outright.
 *   <li>MPEG-4, MPEG-1, MPEG-2: I pictures. What is shown before them may need the past; what is
 *       shown after them does not.
 *   <li>VP8, VP9, AV1: key frames replace all references.
 *   <li>Codings without references, such as Motion JPEG: everywhere; with the palette of the first
 *       packet, if there is one.
 * </ul>
 *
 * Other codings are read from the start.
 */
final class EntryRule {
  /** Decoding may begin with the packet. */
  static final int ENTRY = 1;

  /** The packet holds parameters that later packets may rely on. */
  static final int HEADERS = 2;

  /**
   * The packet holds more than one picture (MPEG-4 "packed" by Xvid and DivX, most of UCF101). The
   * decoder keeps the rest for the next packet, and loses it when it leaves the first undecoded.
   */
  static final int SHARED = 4;

  /** What the first byte of a coded unit says. */
  private interface Units {
    /** {@link #ENTRY}, {@link #HEADERS}, {@link #PICTURE} or 0. */
    int kind(int firstByte);
  }

  /** A picture that is no entry as far as its first byte tells. */
  private static final int PICTURE = -1;

  private final boolean usual;
  private final boolean everywhere;
  private final boolean byFlag;
  private final Units units;
  private final int lengthBytes;
  private final boolean mayShare;

  private EntryRule(
      boolean usual,
      boolean everywhere,
      boolean byFlag,
      Units units,
      int lengthBytes,
      boolean mayShare) {
    this.usual = usual;
    this.everywhere = everywhere;
    this.byFlag = byFlag;
    this.units = units;
    this.lengthBytes = lengthBytes;
    this.mayShare = mayShare;
  }

  static EntryRule of(AVCodecParameters stream) {
    int coding = stream.codec_id();
    AVCodecDescriptor known = avcodec.avcodec_descriptor_get(coding);
    if (known != null && (known.props() & avcodec.AV_CODEC_PROP_INTRA_ONLY) != 0) {
      return new EntryRule(coding == avcodec.AV_CODEC_ID_MJPEG, true, false, null, 0, false);
    }
    if (coding == avcodec.AV_CODEC_ID_VP8
        || coding == avcodec.AV_CODEC_ID_VP9
        || coding == avcodec.AV_CODEC_ID_AV1) {
      return new EntryRule(true, false, true, null, 0, false);
    }
    if (coding == avcodec.AV_CODEC_ID_H264) {
      return new EntryRule(true, false, false, EntryRule::h264, lengthBytes(stream, 4), false);
    }
    if (coding == avcodec.AV_CODEC_ID_HEVC) {
      return new EntryRule(true, false, false, EntryRule::hevc, lengthBytes(stream, 21), false);
    }
    if (coding == avcodec.AV_CODEC_ID_MPEG4) {
      return new EntryRule(true, false, true, EntryRule::mpeg4, 0, true);
    }
    if (coding == avcodec.AV_CODEC_ID_MPEG1VIDEO || coding == avcodec.AV_CODEC_ID_MPEG2VIDEO) {
      return new EntryRule(true, false, true, EntryRule::mpeg2, 0, false);
    }
    return new EntryRule(false, false, false, null, 0, false);
  }

  /** Bytes of the length before each unit, from avcC or hvcC; 0 for start codes. */
  private static int lengthBytes(AVCodecParameters stream, int at) {
    if (stream.extradata_size() <= at || stream.extradata().get(0) != 1) {
      return 0;
    }
    return (stream.extradata().get(at) & 3) + 1;
  }

  private static int h264(int firstByte) {
    return switch (firstByte & 31) {
      case 5 -> ENTRY;
      case 7, 8 -> HEADERS;
      case 1, 2 -> PICTURE;
      default -> 0;
    };
  }

  private static int hevc(int firstByte) {
    int type = firstByte >> 1 & 63;
    if (type < 32) {
      return type >= 16 && type <= 21 ? ENTRY : PICTURE;
    }
    return type <= 34 ? HEADERS : 0;
  }

  private static int mpeg4(int code) {
    if (code == 0xB6) {
      return PICTURE;
    }
    return code >= 0x20 && code <= 0x2F ? HEADERS : 0;
  }

  private static int mpeg2(int code) {
    if (code == 0) {
      return PICTURE;
    }
    return code == 0xB3 ? HEADERS : 0;
  }

  /** Whether it is one of the codings of most videos, whose decoders leave no gaps. */
  boolean isUsual() {
    return usual;
  }

  /**
   * Whether a packet brings what later ones rely on beside its bytes: a palette, or parameters of
   * the coding.
   */
  static boolean changesDecoder(AVPacket packet) {
    for (int i = 0; i < packet.side_data_elems(); i++) {
      int type = packet.side_data().getPointer(i).type();
      if (type == avcodec.AV_PKT_DATA_PALETTE
          || type == avcodec.AV_PKT_DATA_NEW_EXTRADATA
          || type == avcodec.AV_PKT_DATA_PARAM_CHANGE) {
        return true;
      }
    }
    return false;
  }

  /** What a packet is: {@link #ENTRY}, {@link #HEADERS}, both or 0. */
  int kind(AVPacket packet) {
    if (everywhere) {
      return ENTRY;
    }
    boolean marked = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
    int kind = 0;
    if (units != null) {
      MemorySegment bytes =
          MemorySegment.ofAddress(packet.data().address()).reinterpret(packet.size());
      kind = lengthBytes > 0 ? byLength(bytes) : byStartCode(bytes);
    }
    return byFlag && marked ? kind | ENTRY : kind;
  }

  private int byLength(MemorySegment bytes) {
    int kind = 0;
    long at = 0;
    while (at + lengthBytes < bytes.byteSize()) {
      long length = 0;
      for (int i = 0; i < lengthBytes; i++) {
        length = length << 8 | octet(bytes, at + i);
      }
      at += lengthBytes;
      int unit = units.kind(octet(bytes, at));
      if (unit == PICTURE || unit == ENTRY) {
        return unit == ENTRY ? kind | ENTRY : kind;
      }
      kind |= unit;
      at += length;
    }
    return kind;
  }

  private int byStartCode(MemorySegment bytes) {
    int kind = 0;
    int pictures = 0;
    int window = -1;
    for (long at = 0; at < bytes.byteSize(); at++) {
      int octet = octet(bytes, at);
      if ((window & 0xFFFFFF) == 1) {
        int unit = units.kind(octet);
        if (unit == PICTURE || unit == ENTRY) {
          kind |= unit == ENTRY ? ENTRY : 0;
          if (!mayShare) {
            return kind;
          }
          pictures++;
        } else {
          kind |= unit;
        }
      }
      window = window << 8 | octet;
    }
    return pictures > 1 ? kind | SHARED : kind;
  }

  private static int octet(MemorySegment bytes, long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }
}
