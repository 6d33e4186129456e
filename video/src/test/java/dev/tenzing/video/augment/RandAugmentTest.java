package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.random.KeyedRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandAugmentTest {
  private static final int DRAWS = 4000;

  @Test
  void readsTheNotationOfTimm() {
    assertEquals(new RandAugment(7, 4, 0.5, true), RandAugment.parse("rand-m7-n4-mstd0.5-inc1"));
    assertEquals(new RandAugment(9, 2, 0, false), RandAugment.parse("rand-m9"));
    assertEquals(new RandAugment(10, 2, 0, false), RandAugment.parse("rand"));
    assertEquals(new RandAugment(5, 3, 1, false), RandAugment.parse("rand-inc0-mstd1-n3-m5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "augmix",
        "rand-",
        "rand-x3",
        "rand-m",
        "rand-m7-n4.5",
        "rand-m-3",
        "rand--m7",
        "Rand-m7",
        "rand-w0",
        "rand-m7 n4",
        "original-mstd0.5",
        "rand-n99999999999",
        "rand-mstd1e3"
      })
  void namesWhatItDoesNotUnderstand(String text) {
    var error = assertThrows(IllegalArgumentException.class, () -> RandAugment.parse(text));
    assertTrue(
        error.getMessage().contains("is written like rand-m7-n4-mstd0.5-inc1"), error::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rand-m11", "rand-n0", "rand-m7-n101"})
  void refusesWhatIsOutOfRange(String text) {
    assertThrows(IllegalArgumentException.class, () -> RandAugment.parse(text));
  }

  @Test
  void skipsHalfOfWhatItDraws() {
    KeyedRandom random = new KeyedRandom(1);
    RandAugment rule = RandAugment.parse("rand-m7-n4-mstd0.5-inc1");
    int transforms = 0;
    Set<Object> kinds = new HashSet<>();
    for (int i = 0; i < DRAWS; i++) {
      for (PictureTransform transform : rule.draw(random)) {
        transforms++;
        kinds.add(transform instanceof Affine affine ? affine.kind() : transform.getClass());
      }
    }
    assertEquals(2.0, (double) transforms / DRAWS, 0.06);
    assertEquals(15, kinds.size());
  }

  /** Ranges of timm's level functions at magnitude 5 of 10. */
  @Test
  void magnitudesBecomeParameters() {
    for (PictureTransform transform : drawn("rand-m5-n4-inc1")) {
      switch (transform) {
        case Posterize p -> assertEquals(2, p.bits());
        case Solarize s -> assertEquals(128, s.threshold());
        case SolarizeAdd s -> assertEquals(55, s.amount());
        case Brightness b -> assertEquals(0.45, Math.abs(b.factor() - 1), 1e-6);
        case Contrast c -> assertEquals(0.45, Math.abs(c.factor() - 1), 1e-6);
        case Saturation s -> assertEquals(0.45, Math.abs(s.factor() - 1), 1e-6);
        case Sharpness s -> assertEquals(0.45, Math.abs(s.factor() - 1), 1e-6);
        case Affine a -> assertEquals(amount(a.kind()) / 2, Math.abs(a.amount()), 1e-9);
        default -> {}
      }
    }
    for (PictureTransform transform : drawn("rand-m5-n4")) {
      switch (transform) {
        case Posterize p -> assertEquals(2, p.bits());
        case Solarize s -> assertEquals(128, s.threshold());
        case Brightness b -> assertEquals(1, b.factor(), 1e-6);
        default -> {}
      }
    }
    assertTrue(drawn("rand-m0-n4").contains(new Posterize(0)));
    assertTrue(drawn("rand-m0-n4-inc1").contains(new Posterize(4)));
    assertTrue(drawn("rand-m10-n4-inc1").contains(new Solarize(0)));
    assertTrue(drawn("rand-m10-n4").contains(new Solarize(256)));
  }

  private static double amount(Affine.Kind kind) {
    return switch (kind) {
      case ROTATE -> 30;
      case SHEAR_X, SHEAR_Y -> 0.3;
      case TRANSLATE_X, TRANSLATE_Y -> 0.45;
    };
  }

  private static List<PictureTransform> drawn(String rule) {
    KeyedRandom random = new KeyedRandom(2);
    return IntStream.range(0, 100)
        .mapToObj(i -> RandAugment.parse(rule).draw(random))
        .flatMap(List::stream)
        .toList();
  }
}
