package dev.tenzing.jmh;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.RankingKernels;
import dev.tenzing.engine.kernel.TokenKernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Choosing tokens of four clips, with three in ten kept. */
public class TokenBenchmark extends KernelBenchmark {
  private static final int B = 4;
  private static final int SLOTS = 8;

  /** Tokens of a slot: 14 x 14 at 224 pixels. */
  @Param("196")
  public int places;

  /** C. */
  @Param("384")
  public int width;

  private int tokens;
  private int kept;
  private long x;
  private long y;
  private long index;
  private long importance;
  private long order;

  @Override
  void allocate() {
    tokens = SLOTS * places;
    kept = Math.max(1, 3 * tokens / 10);
    x = floats(B, tokens, width);
    y = floats(B, kept, width);
    index = indices(B, kept, tokens);
    importance = floats(B, tokens);
    order = zeros(DType.I32, B, tokens);
  }

  /** Takes the kept ones. */
  @Benchmark
  public void gatherTokens(Rate rate) {
    run(
        rate,
        k ->
            k.tokens()
                .gather(
                    new TokenKernels.GatherTokens(
                        Operand.f32(x),
                        Operand.i32(index),
                        Operand.f32(y),
                        B,
                        tokens,
                        kept,
                        width)));
  }

  /** Puts their gradients back among zeros. */
  @Benchmark
  public void gatherTokensBackward(Rate rate) {
    run(
        rate,
        k ->
            k.tokens()
                .gatherBackward(
                    new TokenKernels.GatherTokensBackward(
                        Operand.f32(y),
                        Operand.i32(index),
                        Operand.f32(x),
                        B,
                        tokens,
                        kept,
                        width)));
  }

  /** Distances to the slot before. */
  @Benchmark
  public void motionImportance(Rate rate) {
    run(
        rate,
        k ->
            k.ranking()
                .motionImportance(
                    new RankingKernels.MotionImportance(
                        Operand.f32(x), Operand.f32(importance), B, SLOTS, places, width)));
  }

  /** Sorts them. */
  @Benchmark
  public void argsort(Rate rate) {
    run(
        rate,
        k ->
            k.ranking()
                .argsort(
                    new RankingKernels.Argsort(
                        Operand.f32(importance), Operand.i32(order), B, tokens, true)));
  }
}
