package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsFromEitherEnd() {
    Shape shape = Shape.of(2, 3, 5);
    assertEquals(3, shape.rank());
    assertEquals(30, shape.size());
    assertEquals(6, shape.rows());
    assertEquals(5, shape.dim(-1));
    assertEquals(2, shape.dim(0));
    assertEquals(Shape.of(2, 3, 7), shape.with(-1, 7));
    assertEquals("[2,3,5]", shape.toString());
    assertEquals(Shape.of(2, 3, 5).hashCode(), shape.hashCode());
  }

  @Test
  void scalarsAndEmptyShapes() {
    assertEquals(1, Shape.SCALAR.size());
    assertEquals(1, Shape.SCALAR.rows());
    assertEquals("[]", Shape.of().toString());
    assertEquals(0, Shape.of(4, 0).size());
    assertEquals(0, Shape.of(4, 0).rows());
  }

  @Test
  void sharesNoArrayWithItsCaller() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.toArray()[1] = 9;
    assertEquals(Shape.of(2, 3), shape);
  }

  @Test
  void impossibleSizesAreSentences() {
    assertSentence("a dimension cannot be negative: [2,-1]", () -> Shape.of(2, -1));
    assertSentence(
        "shape has more than 2^63 elements: [4294967296,4294967296]",
        () -> Shape.of(1L << 32, 1L << 32));
    assertSentence("no dimension 2 in shape [2,3]", () -> Shape.of(2, 3).dim(2));
    assertSentence("no dimension -3 in shape [2,3]", () -> Shape.of(2, 3).with(-3, 1));
  }

  private static void assertSentence(String expected, Runnable code) {
    assertEquals(expected, assertThrows(ShapeException.class, code::run).getMessage());
  }
}
