package dev.tenzing.video.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Frame for frame what the reference loaders take. {@code frames.csv} was made by a numpy script
 * that does their arithmetic: TSN's draw of a window with and without temporal jitter
 * (pre-training), an even spread over a drawn or the middle window (fine-tuning, validation), every
 * stride-th frame cut into evenly spread runs (test), one frame drawn or in the middle of each of T
 * parts (Something-Something, as VideoMAE V2's raw-frame loader), T x segments frames spread evenly
 * and dealt out (its test), and windows of 16 frames (feature extraction). Each draw was logged as
 * {@code value/bound}, so a draw from another range fails too. For {@code windows} the column
 * {@code segments} holds the hop.
 */
class ReferenceFramesTest {
  /** Gives the logged draws, in their order and from their ranges. */
  private static final class Logged implements RandomGenerator {
    private final Deque<String> draws = new ArrayDeque<>();

    Logged(String log) {
      draws.addAll(log == null ? List.of() : Arrays.asList(log.split(" ")));
    }

    @Override
    public int nextInt(int bound) {
      String[] draw = draws.removeFirst().split("/");
      assertEquals(Integer.parseInt(draw[1]), bound, "range of a draw");
      return Integer.parseInt(draw[0]);
    }

    @Override
    public long nextLong() {
      throw new AssertionError("only a bounded number is drawn");
    }
  }

  @ParameterizedTest
  @CsvFileSource(resources = "frames.csv", numLinesToSkip = 1)
  void framesAreThoseOfTheReference(
      String rule, int total, int length, int stride, int segments, String draws, String frames) {
    Logged random = new Logged(draws);
    Sampling dense = new DenseSampling(length, stride);
    Sampling sparse = new SparseSampling(length);
    int[] actual =
        switch (rule) {
          case "dense-pretraining" -> dense.pretraining(total, random);
          case "dense-jitter" -> new DenseSampling(length, stride, true).pretraining(total, random);
          case "dense-finetuning" -> dense.finetuning(total, random);
          case "dense-middle" -> dense.middle(total);
          case "dense-views" -> views(dense, total, segments);
          case "sparse-training" -> sparse.finetuning(total, random);
          case "sparse-middle" -> sparse.middle(total);
          case "sparse-views" -> views(sparse, total, segments);
          case "windows" -> windows(new SlidingWindows(length, stride, segments), total);
          default -> throw new AssertionError(rule);
        };
    assertArrayEquals(
        Arrays.stream(frames.split(" ")).mapToInt(Integer::parseInt).toArray(), actual);
    assertEquals(0, random.draws.size(), "draws left over");
  }

  private static int[] views(Sampling sampling, int total, int segments) {
    return IntStream.range(0, segments)
        .flatMap(segment -> Arrays.stream(sampling.view(total, segment, segments)))
        .toArray();
  }

  private static int[] windows(SlidingWindows windows, int total) {
    return IntStream.range(0, windows.count(total))
        .flatMap(clip -> Arrays.stream(windows.frames(total, clip)))
        .toArray();
  }
}
