package dev.tenzing.tools.run;

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
import dev.tenzing.everest.run.MemoryCheck;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.FailureException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FitTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(new PrintStream(new ByteArrayOutputStream()), new PrintStream(err), false, false);
  private final ModelDescription model =
      new ModelDescription(
          VitConfig.TINY, ClipShape.square(16, 224), 4, Pretraining.official(Method.EVEREST));
  private final TrainingOptions options = new TrainingOptions();

  @Test
  void theFewestEqualPartsThatFit() {
    options.fit = true;
    options.batch = 12;
    options.accumulate = 2;
    try (Device device = limited((long) (plan(4) / 0.94))) {
      options.fit(check(device), 1, 0, console);
    }
    assertEquals(4, options.batch);
    assertEquals(6, options.accumulate);
    assertTrue(err.toString().contains("6 forward passes of 4 a step"), err::toString);
  }

  @Test
  void whatFitsIsLeftAlone() {
    options.fit = true;
    options.batch = 12;
    try (Device device = limited(10 * plan(12))) {
      options.fit(check(device), 1, 0, console);
    }
    assertEquals(12, options.batch);
    assertEquals(1, options.accumulate);
  }

  @Test
  void oneClipThatDoesNotFitIsRefused() {
    options.fit = true;
    try (Device device = limited(plan(1) / 2)) {
      String message =
          assertThrows(FailureException.class, () -> options.fit(check(device), 1, 0, console))
              .getMessage();
      assertTrue(message.contains("even a forward pass of 1"), message);
      assertTrue(message.contains("--recompute"), message);
    }
  }

  /** What had 2 clips a pass goes on with as many, though all would fit: the bits are the same. */
  @Test
  void aRunThatGoesOnKeepsItsSplit() {
    options.fit = true;
    options.batch = 12;
    try (Device device = limited(10 * plan(12))) {
      options.fit(check(device), 1, 2, console);
    }
    assertEquals(2, options.batch);
    assertEquals(6, options.accumulate);
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
