package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.DropoutKernels;

/** Dropout of activations. */
final class Dropouts implements DropoutKernels {
  private final Typed<KernelFunction> dropout;

  Dropouts(Launcher launcher) {
    dropout = Typed.function(launcher, "dropout", "dropout");
  }

  @Override
  public void forward(Dropout call) {
    int B = call.B();
    int n = call.n();
    float rate = call.rate();
    Packs.rows(dropout.of(call.y()), B, n)
        .arg(call.x())
        .arg(call.y())
        .arg(B)
        .arg(n)
        .arg(rate)
        .arg((float) (1 / (1 - (double) rate)))
        .arg(call.key())
        .arg(call.step())
        .arg(call.first())
        .launch();
  }
}
