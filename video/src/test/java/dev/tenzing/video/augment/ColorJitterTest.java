package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.random.KeyedRandom;
import java.util.DoubleSummaryStatistics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColorJitterTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.4, 1.5})
  void drawsThreeFactorsInAnyOrder(double strength) {
    KeyedRandom random = new KeyedRandom(3);
    DoubleSummaryStatistics factors = new DoubleSummaryStatistics();
    Set<List<Class<?>>> orders = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      List<PictureTransform> transforms = new ColorJitter(strength).draw(random);
      orders.add(List.copyOf(transforms.stream().map(PictureTransform::getClass).toList()));
      for (PictureTransform transform : transforms) {
        factors.accept(
            switch (transform) {
              case Brightness b -> b.factor();
              case Contrast c -> c.factor();
              case Saturation s -> s.factor();
              default -> throw new AssertionError(transform);
            });
      }
    }
    assertEquals(6, orders.size());
    assertEquals(Math.max(0, 1 - strength), factors.getMin(), 0.01);
    assertEquals(1 + strength, factors.getMax(), 0.01);
    assertTrue(factors.getMin() >= 0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesAStrengthThatIsNone(double strength) {
    assertThrows(IllegalArgumentException.class, () -> new ColorJitter(strength));
  }

  @Test
  void theSameDrawIsTheSameJitter() {
    ColorJitter jitter = new ColorJitter(0.4);
    assertEquals(jitter.draw(new KeyedRandom(5)), jitter.draw(new KeyedRandom(5)));
  }
}
