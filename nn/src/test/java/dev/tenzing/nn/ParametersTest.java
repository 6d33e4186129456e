package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names, order and initial values of parameters. */
class ParametersTest {
  private final Device device = TestDevices.reference();

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void areNamedByTheirPathInTheOrderTheyAreMade() {
    Parameters parameters = new Parameters(device, Rng.seed(0));
    parameters.add("mask_token", Shape.of(1, 1, 2), Initializer.ZEROS);
    Parameters block = parameters.child("encoder").child("blocks.0");
    Tensor weight = block.child("attn").add("qkv.weight", Shape.of(6, 2), Initializer.ONES);
    assertEquals(
        List.of("mask_token", "encoder.blocks.0.attn.qkv.weight"),
        List.copyOf(block.all().keySet()));
    assertEquals("encoder.blocks.0.attn.qkv.weight", weight.name());
    assertTrue(weight.isLeaf() && !weight.hasGrad());
  }

  @Test
  void liveBeyondTheScopeTheyAreMadeIn() {
    Parameters parameters = new Parameters(device, Rng.seed(0));
    try (Scope scope = device.scope()) {
      parameters.add("w", Shape.of(2), Initializer.ONES);
    }
    assertArrayEquals(new float[] {1, 1}, parameters.all().get("w").toFloats());
  }

  @Test
  void drawFromTheirOwnNames() {
    Parameters one = new Parameters(device, Rng.seed(7));
    Parameters two = new Parameters(device, Rng.seed(7));
    Parameters other = new Parameters(device, Rng.seed(8));
    Initializer normal = Initializer.truncatedNormal(1);
    two.add("before", Shape.of(3), normal);
    float[] w = one.add("w", Shape.of(3), normal).toFloats();
    assertArrayEquals(w, two.add("w", Shape.of(3), normal).toFloats());
    assertFalse(Arrays.equals(w, one.add("v", Shape.of(3), normal).toFloats()));
    assertFalse(Arrays.equals(w, other.add("w", Shape.of(3), normal).toFloats()));
  }

  @Test
  void haveOneNameEach() {
    Parameters parameters = new Parameters(device, Rng.seed(0));
    parameters.child("a").add("w", Shape.of(1), Initializer.ZEROS);
    var error =
        assertThrows(
            IllegalStateException.class,
            () -> parameters.add("a.w", Shape.of(1), Initializer.ZEROS));
    assertEquals("two parameters are named a.w", error.getMessage());
  }
}
