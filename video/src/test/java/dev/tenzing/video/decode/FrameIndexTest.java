package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameIndexTest {
  /** Two frames in two packets and an entry, each number of which is beyond 32 bits in turn. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void numbersBeyondThirtyTwoBitsAreRefusedWithASentence(int wrong) {
    VarBytes bytes = new VarBytes();
    bytes.put(2);
    bytes.put(1 + VarBytes.zigzag(wrong == 0 ? 1L << 40 : 0));
    bytes.put(1 + VarBytes.zigzag(wrong == 1 ? -1L << 40 : 0));
    for (int i = 0; i < 4; i++) {
      bytes.put(0); // checksums of the frames
    }
    bytes.put(1);
    bytes.put(wrong == 2 ? 1L << 40 : 1);
    bytes.put(VarBytes.zigzag(500));
    bytes.put(wrong == 3 ? 1L << 40 : 100);
    bytes.put(0);
    assertRefused("more than 32 bits", bytes);
  }

  /** The number that stands for a packet without a frame is none that a packet may hold. */
  @Test
  void aFrameBeforeTheFirstIsRefused() {
    VarBytes bytes = new VarBytes();
    bytes.put(2);
    bytes.put(1 + VarBytes.zigzag(0));
    bytes.put(1 + VarBytes.zigzag(-2));
    bytes.put(0);
    bytes.put(0);
    bytes.put(0);
    assertRefused("a frame before the first", bytes);
  }

  private static void assertRefused(String sentence, VarBytes bytes) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> FrameIndex.fromBytes(bytes.toBytes(), 2).map());
    assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
  }
}
