package dev.tenzing.everest.features;

import dev.tenzing.everest.model.ClipEncoder;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.Fit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that features depend on, beside the video.
 *
 * @param windows which frames make a clip
 * @param size side of a clip, pixels
 * @param fit how a frame becomes a square
 * @param normalize whether pixels are normalised by the mean and deviation that models are trained
 *     with, or only scaled to [0, 1]
 * @param keep share of the tokens that the encoder sees
 */
public record FeatureSettings(
    SlidingWindows windows, int size, Fit fit, boolean normalize, double keep) {

  /** The same as JSON has it, with the model. */
  Map<String, Object> toMap(ClipEncoder encoder) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("window", windows.length());
    map.put("stride", windows.stride());
    map.put("hop", windows.hop());
    map.put("size", size);
    map.put("fit", fit.label());
    map.put("normalize", normalize);
    map.put("keep", keep);
    map.put("width", encoder.width());
    map.put("model", hash(encoder));
    return map;
  }

  /** SHA-256 of a model's values, whatever the format of its file. */
  static String hash(ClipEncoder encoder) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(encoder.description().getBytes(StandardCharsets.UTF_8));
      encoder
          .parameters()
          .forEach((name, tensor) -> {
            digest.update((name + tensor.shape()).getBytes(StandardCharsets.UTF_8));
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment values = arena.allocate(tensor.bytes(), 64);
              tensor.copyTo(values);
              digest.update(values.asByteBuffer());
            }
          });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
