package dev.tenzing.jmh;

import dev.tenzing.engine.kernel.AttentionKernels;
import dev.tenzing.engine.kernel.Operand;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Attention of two clips with six heads; the backward counts 2.5 times the forward's products. */
public class AttentionBenchmark extends KernelBenchmark {
  private static final int B = 2;
  private static final int H = 6;

  /** N: the encoder and the decoder of EVEREST pre-training, and all tokens of 16 frames. */
  @Param({"156", "470", "1568"})
  public int tokens;

  /** D: of ViT-S, B and L, and of ViT-g. */
  @Param({"64", "88"})
  public int headSize;

  private long qkv;
  private long out;
  private long dout;
  private long lse;
  private long dqkv;
  private float scale;

  @Override
  void allocate() {
    qkv = floats(B, tokens, 3, H, headSize);
    out = floats(B, tokens, H, headSize);
    dout = floats(B, tokens, H, headSize);
    lse = floats(B, H, tokens);
    dqkv = floats(B, tokens, 3, H, headSize);
    scale = (float) (1 / Math.sqrt(headSize));
  }

  /** Forward. */
  @Benchmark
  public void attention(Rate rate) {
    run(
        rate,
        k ->
            k.attention()
                .forward(
                    new AttentionKernels.Attention(
                        Operand.f32(qkv),
                        Operand.f32(out),
                        Operand.f32(lse),
                        B,
                        tokens,
                        H,
                        headSize,
                        scale)));
  }

  /** Backward. */
  @Benchmark
  public void attentionBackward(Rate rate) {
    run(
        rate,
        k ->
            k.attention()
                .backward(
                    new AttentionKernels.AttentionBackward(
                        Operand.f32(qkv),
                        Operand.f32(out),
                        Operand.f32(dout),
                        Operand.f32(lse),
                        Operand.f32(dqkv),
                        B,
                        tokens,
                        H,
                        headSize,
                        scale)));
  }
}
