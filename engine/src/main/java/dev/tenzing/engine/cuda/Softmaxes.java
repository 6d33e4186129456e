package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.SoftmaxKernels;

/** Softmax of rows: a warp a row. */
final class Softmaxes implements SoftmaxKernels {
  private static final int THREADS = 256;
  private static final int ROWS = THREADS / 32;

  private final KernelFunction softmax;
  private final KernelFunction backward;

  Softmaxes(Launcher launcher) {
    softmax = launcher.function("softmax", "softmax_f32");
    backward = launcher.function("softmax", "softmax_backward_f32");
  }

  @Override
  public void forward(Softmax call) {
    int M = call.M();
    softmax
        .grid(Math.ceilDiv(M, ROWS))
        .block(THREADS)
        .arg(call.x())
        .arg(call.y())
        .arg(M)
        .arg(call.C())
        .launch();
  }

  @Override
  public void backward(SoftmaxBackward call) {
    backward
        .grid(Math.ceilDiv(call.M(), ROWS))
        .block(THREADS)
        .arg(call.y())
        .arg(call.dy())
        .arg(call.dx())
        .arg(call.M())
        .arg(call.C())
        .arg(call.dx().accumulate())
        .launch();
  }
}
