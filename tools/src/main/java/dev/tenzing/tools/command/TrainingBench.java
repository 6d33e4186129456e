package dev.tenzing.tools.command;

import dev.tenzing.engine.CapturedStep;
import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.profile.Profile;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.training.TrainingPass;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;

/**
 * Times training steps on random input: forward, backward, clipping and the optimiser's update.
 *
 * @param training what is trained
 * @param device where
 * @param batch clips a step
 * @param warmup steps before those that are timed
 * @param steps steps that are timed
 * @param seed of input and masks
 */
record TrainingBench(
    TrainingTask<?> training, Device device, int batch, int warmup, int steps, long seed) {
  private static final double LEARNING_RATE = 1e-4;
  private static final double WEIGHT_DECAY = 0.05;

  /**
   * What was timed.
   *
   * @param millis of each step, sorted
   * @param hostMillis what the host did for each before it could go on to the next, sorted; null
   *     when steps were not captured
   * @param loss of the last step
   */
  record Times(double[] millis, double[] hostMillis, double loss) {
    Times {
      Arrays.sort(millis);
      if (hostMillis != null) {
        Arrays.sort(hostMillis);
      }
    }

    boolean captured() {
      return hostMillis != null;
    }

    double fastest() {
      return millis[0];
    }

    double median() {
      return median(millis);
    }

    double hostMedian() {
      return median(hostMillis);
    }

    private static double median(double[] sorted) {
      return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
  }

  /**
   * Runs the steps.
   *
   * @param profile gets those that are timed; null for none
   */
  Times run(Profile profile, Console console) {
    try (Arena arena = Arena.ofConfined();
        Progress progress = console.progress("bench", warmup + steps)) {
      MemorySegment pixels = pixels(arena);
      TrainingPass<?> pass = new TrainingPass<>(training, device, batch, 1, Rng.seed(seed));
      Function<Step, Tensor> whole =
          tape -> pass.run(tape, shape -> device.feed(DType.U8, shape, () -> pixels));
      double[] millis = new double[steps];
      double[] hostMillis = new double[steps];
      double loss = Double.NaN;
      CapturedStep captured = null;
      for (int i = -warmup; i < steps; i++) {
        if (i == 0) {
          device.resetPeakMemory();
        }
        pass.moveTo(i + warmup, 0);
        // As in training: the first step runs as it is, the second is captured.
        if (i == 1 - warmup && i < 0 && device.captures() && training.notCapturable().isEmpty()) {
          captured = device.capture(whole);
        }
        if (profile != null && i >= 0) {
          profile.begin();
        }
        long start = System.nanoTime();
        if (captured != null) {
          captured.replay();
          update();
          hostMillis[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
          loss = captured.output().item(); // Waits for the whole step.
        } else {
          try (Step step = device.step()) {
            loss = whole.apply(step).item();
          }
          update();
        }
        training.optimizer().clearGradients();
        double elapsed = (System.nanoTime() - start) / 1e6;
        if (i >= 0) {
          millis[i] = elapsed;
        }
        if (profile != null && i >= 0) {
          profile.end();
        }
        progress.update(
            i + warmup + 1,
            (long) (i + warmup + 1) * batch,
            0,
            String.format(Locale.ROOT, "%.0f ms, loss %.4f", elapsed, loss));
      }
      boolean replayed = captured != null;
      if (replayed) {
        captured.close();
      }
      return new Times(millis, replayed ? hostMillis : null, loss);
    }
  }

  private void update() {
    training.optimizer().update(LEARNING_RATE, WEIGHT_DECAY);
  }

  /** What training starts from, in the host's memory. */
  private MemorySegment pixels(Arena arena) {
    ClipShape clip = training.description().loadedClip();
    long size = Shape.of(batch, clip.frames(), clip.height(), clip.width(), 3).size();
    byte[] values = new byte[Math.toIntExact(size)];
    Rng.Stream draws = Rng.seed(seed).purpose("bench").at(0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) draws.nextInt();
    }
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, values);
  }
}
