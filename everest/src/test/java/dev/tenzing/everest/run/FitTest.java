package dev.tenzing.everest.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import dev.tenzing.engine.meta.MetaBackend;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Length;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FitTest {
  private final List<String> notes = new ArrayList<>();
  private final ModelDescription model =
      new ModelDescription(
          VitConfig.TINY, ClipShape.square(16, 224), 4, Pretraining.official(Method.EVEREST));

  @Test
  void theFewestEqualPartsThatFit() {
    try (Device device = limited((long) (plan(4) / 0.94))) {
      assertEquals(new Length(1, null, 4, 6, true), fit(device, 12, 2, 0));
    }
    assertEquals(List.of("--fit: 6 forward passes of 4 a step"), notes);
  }

  @Test
  void whatFitsIsLeftAlone() {
    try (Device device = limited(10 * plan(12))) {
      assertEquals(new Length(1, null, 12, 1, true), fit(device, 12, 1, 0));
    }
  }

  @Test
  void oneClipThatDoesNotFitIsRefused() {
    try (Device device = limited(plan(1) / 2)) {
      String message = assertThrows(MemoryException.class, () -> fit(device, 8, 1, 0)).getMessage();
      assertTrue(message.contains("even a forward pass of 1"), message);
      assertTrue(message.contains("--recompute"), message);
    }
  }

  /** What had 2 clips a pass goes on with as many, though all would fit: the bits are the same. */
  @Test
  void aRunThatGoesOnKeepsItsSplit() {
    try (Device device = limited(10 * plan(12))) {
      assertEquals(new Length(1, null, 2, 6, true), fit(device, 12, 1, 2));
    }
  }

  private Length fit(Device device, int batch, int accumulate, int before) {
    Length asked = new Length(1, null, batch, accumulate, true);
    return check(device).fit(asked, 1, before, notes::add);
  }

  private MemoryCheck check(Device device) {
    return new MemoryCheck(device, model, false, videos -> 0, 0, OptionalLong.empty());
  }

  private long plan(int batch) {
    return MemoryPlan.of(model, batch, true, false, DType.F32).reserved();
  }

  /** A device with so much memory. */
  private static Device limited(long bytes) {
    MetaBackend meta = new MetaBackend(DType.F32);
    return new Device(
        new Backend() {
          @Override
          public String name() {
            return "small";
          }

          @Override
          public RawMemory memory() {
            return new Limited(meta.memory(), bytes);
          }

          @Override
          public Kernels kernels() {
            return meta.kernels();
          }

          @Override
          public void close() {
            meta.close();
          }
        });
  }

  private record Limited(RawMemory memory, long limit) implements RawMemory {
    @Override
    public long allocate(long bytes) {
      return memory.allocate(bytes);
    }

    @Override
    public void free(long address, long bytes) {
      memory.free(address, bytes);
    }

    @Override
    public void copyIn(MemorySegment source, long target) {
      memory.copyIn(source, target);
    }

    @Override
    public void copyOut(long source, MemorySegment target) {
      memory.copyOut(source, target);
    }
  }
}
