package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;

/**
 * The decoder of one stream: packets go in, numbered by the caller, and frames come out, each with
 * the number of the packet that it was in. One thread decodes; speed comes from several files at
 * once. Opening one takes 0.03 to 0.1 ms, a hundredth of what a clip takes, so none is kept for the
 * next file.
 */
final class Codec implements AutoCloseable {
  /**
   * Damage is an error. Without it decoders put up with most damage and hand out a frame of which
   * they left parts undecoded, and what is seen there depends on what was decoded before.
   */
  static final int STRICT = avcodec.AV_EF_EXPLODE | avcodec.AV_EF_CRCCHECK;

  private final Defects defects;
  private final AVFrame frame = avutil.av_frame_alloc();
  private final Tag tag = new Tag();
  private AVCodecContext context;
  private boolean begun;
  private boolean cutInFront;
  private boolean ending;

  private Codec(Defects defects) {
    this.defects = defects;
  }

  /**
   * Opens the decoder of a container's stream.
   *
   * @throws VideoException when there is none, or it refuses the stream's header
   */
  static Codec open(Container container, Defects defects) throws VideoException {
    AVStream stream = container.stream();
    AVCodec decoder = avcodec.avcodec_find_decoder(stream.codecpar().codec_id());
    if (decoder == null || decoder.isNull()) {
      throw defects.of(Reason.UNREADABLE, "FFmpeg has no decoder for " + container.codec());
    }
    Codec codec = new Codec(defects);
    codec.context = avcodec.avcodec_alloc_context3(decoder);
    avcodec.avcodec_parameters_to_context(codec.context, stream.codecpar());
    codec
        .context
        .thread_count(1)
        .max_pixels(Limits.MAX_PIXELS)
        .pkt_timebase(stream.time_base())
        .err_recognition(defects.isStream() ? 0 : STRICT)
        .flags(codec.context.flags() | avcodec.AV_CODEC_FLAG_COPY_OPAQUE);
    int error = avcodec.avcodec_open2(codec.context, decoder, (AVDictionary) null);
    if (error < 0) {
      codec.close();
      throw defects.failed(
          error, Reason.UNREADABLE, "the " + container.codec() + " decoder refuses the header");
    }
    return codec;
  }

  /**
   * Decodes a packet; {@link #receive} tells which frames it completed.
   *
   * @param number of the packet, at least 0
   * @param wanted false when its frame may stay undecoded if no other frame refers to it
   */
  void send(AVPacket packet, int number, boolean wanted) throws VideoException {
    begin(packet);
    tag.set(number);
    packet.opaque(tag);
    context.skip_frame(wanted ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_NONREF);
    int error = avcodec.avcodec_send_packet(context, packet);
    if (error < 0 && !defects.passOver(error)) {
      check(error);
    }
  }

  /**
   * A recording that was cut in front begins with packets that refer to others before. Decoders
   * leave them out until they have what a frame needs, unless damage is an error.
   */
  private void begin(AVPacket packet) {
    if (!begun) {
      begun = true;
      cutInFront = !defects.isStream() && (packet.flags() & avcodec.AV_PKT_FLAG_KEY) == 0;
      if (cutInFront) {
        context.err_recognition(0);
      }
    } else if (cutInFront && defects.frames() > 0) {
      cutInFront = false;
      context.err_recognition(STRICT);
    }
  }

  /** No more packets: the frames that the decoder holds back come out. */
  void end() throws VideoException {
    ending = true;
    check(avcodec.avcodec_send_packet(context, null));
  }

  /** Makes the decoder as good as new after {@link #end}. */
  void restart() {
    avcodec.avcodec_flush_buffers(context);
    ending = false;
  }

  /**
   * Takes the next frame.
   *
   * @return false when there is none before more packets are sent, or none at all after the end
   * @throws VideoException when the data is damaged
   */
  boolean receive() throws VideoException {
    while (true) {
      int error = avcodec.avcodec_receive_frame(context, frame);
      if (error == 0 && accept()) {
        return true;
      }
      if (error == (ending ? avutil.AVERROR_EOF() : avutil.AVERROR_EAGAIN())) {
        return false;
      }
      if (error < 0 && !defects.passOver(error)) {
        check(error);
      }
    }
  }

  private boolean accept() throws VideoException {
    defects.checkSize(frame.width(), frame.height());
    if (frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
      if (defects.passOver(avutil.AVERROR_INVALIDDATA())) {
        return false;
      }
      throw defects.of(Reason.DECODE_ERROR, "frame " + defects.frames() + " is damaged");
    }
    defects.progress();
    return true;
  }

  private void check(int error) throws VideoException {
    if (error < 0) {
      throw defects.failed(error, Reason.DECODE_ERROR, defects.after("decoding fails"));
    }
  }

  /** The present frame. */
  AVFrame frame() {
    return frame;
  }

  /** The number of the packet in which the present frame began, -1 when it is not known. */
  int packet() {
    Pointer opaque = frame.opaque();
    return opaque == null ? -1 : Tag.number(opaque);
  }

  @Override
  public void close() {
    avutil.av_frame_free(frame);
    if (context != null) {
      avcodec.avcodec_free_context(context);
    }
  }

  /** A number dressed as an address, which FFmpeg hands from packets to frames. */
  private static final class Tag extends Pointer {
    Tag() {
      super((Pointer) null);
    }

    void set(int number) {
      address = number + 1L;
    }

    static int number(Pointer tag) {
      return (int) (tag.address() - 1);
    }
  }
}
