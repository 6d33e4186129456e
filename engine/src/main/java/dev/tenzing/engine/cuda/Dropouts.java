package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Dropout of activations. */
final class Dropouts {
  private final KernelFunction dropout;

  Dropouts(Launcher launcher, DType activations) {
    dropout = launcher.function("dropout", "dropout" + Packs.suffix(activations));
  }

  void run(long x, long y, int B, int n, float rate, long key, long step, int first) {
    Packs.rows(dropout, B, n)
        .arg(x)
        .arg(y)
        .arg(B)
        .arg(n)
        .arg(rate)
        .arg((float) (1 / (1 - (double) rate)))
        .arg(key)
        .arg(step)
        .arg(first)
        .launch();
  }
}
