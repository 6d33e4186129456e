package dev.tenzing.jmh;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.LossKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PatchTargetKernels;
import dev.tenzing.engine.kernel.VideoKernels;
import dev.tenzing.engine.kernel.VideoKernels.Cubes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** From pixels to patches and targets, four clips of 16 frames. */
public class VideoBenchmark extends KernelBenchmark {
  private static final int B = 4;
  private static final int T = 16;
  private static final int TUBELET = 2;
  private static final int PATCH = 16;
  private static final int VALUES = 3 * TUBELET * PATCH * PATCH;
  private static final float[] ONES = {1, 1, 1};

  /** Height and width in pixels. */
  @Param("224")
  public int size;

  private int targets;
  private long pixels;
  private long video;
  private long patches;
  private long index;
  private long target;
  private long prediction;
  private long loss;

  @Override
  void allocate() {
    int places = (size / PATCH) * (size / PATCH);
    int tokens = T / TUBELET * places;
    // As many as EVEREST predicts: 314 of 1568.
    targets = Math.max(1, tokens / 5);
    pixels = zeros(DType.U8, B, T, size, size, 3);
    video = floats(B, 3, T, size, size);
    patches = floats(B, tokens, VALUES);
    index = indices(B, targets, tokens);
    target = floats(B, targets, VALUES);
    prediction = floats(B, targets, VALUES);
    loss = floats(1);
  }

  /** Bytes to numbers. */
  @Benchmark
  public void normalizeVideo(Rate rate) {
    run(
        rate,
        k ->
            k.video()
                .normalize(
                    new VideoKernels.NormalizeVideo(
                        new Operand(pixels, DType.U8),
                        Operand.f32(video),
                        B,
                        T,
                        size,
                        size,
                        ONES,
                        ONES)));
  }

  /** Video to patches. */
  @Benchmark
  public void patchify(Rate rate) {
    run(
        rate,
        k ->
            k.video()
                .patchify(
                    new VideoKernels.Patchify(
                        Operand.f32(video),
                        Operand.f32(patches),
                        new Cubes(B, T, size, size, TUBELET, PATCH))));
  }

  /** Normalised pixels to predict. */
  @Benchmark
  public void patchTargets(Rate rate) {
    run(
        rate,
        k ->
            k.patchTargets()
                .forward(
                    new PatchTargetKernels.PatchTargets(
                        Operand.f32(video),
                        Operand.i32(index),
                        Operand.f32(target),
                        new Cubes(B, T, size, size, TUBELET, PATCH),
                        targets,
                        ONES,
                        ONES,
                        true)));
  }

  /** The loss of their prediction. */
  @Benchmark
  public void squaredError(Rate rate) {
    run(
        rate,
        k ->
            k.losses()
                .squaredError(
                    new LossKernels.SquaredError(
                        Operand.f32(prediction),
                        Operand.f32(target),
                        Operand.NONE,
                        Operand.f32(loss),
                        B * targets,
                        VALUES,
                        1e-6)));
  }
}
