package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.FunctionKernels;

/** Functions of elements, and of elements along one dimension; see functions.cu. */
final class PlainFunctions implements FunctionKernels {
  private static final String FILE = "functions";
  private static final int THREADS = 256; // as in functions.cu

  private final KernelFunction unary;
  private final KernelFunction unaryBackward;
  private final KernelFunction binary;
  private final KernelFunction binaryBackward;
  private final KernelFunction binaryBackwardSmall;
  private final KernelFunction where;
  private final KernelFunction reduce;
  private final KernelFunction reduceBackward;

  PlainFunctions(Launcher launcher) {
    unary = launcher.function(FILE, "unary");
    unaryBackward = launcher.function(FILE, "unary_backward");
    binary = launcher.function(FILE, "binary");
    binaryBackward = launcher.function(FILE, "binary_backward");
    binaryBackwardSmall = launcher.function(FILE, "binary_backward_small");
    where = launcher.function(FILE, "where");
    reduce = launcher.function(FILE, "reduce");
    reduceBackward = launcher.function(FILE, "reduce_backward");
  }

  @Override
  public void unary(Unary call) {
    Packs.threads(unary, call.n())
        .arg(call.f().ordinal())
        .arg(call.x())
        .arg(call.y())
        .arg(call.n())
        .launch();
  }

  @Override
  public void unaryBackward(UnaryBackward call) {
    Packs.threads(unaryBackward, call.n())
        .arg(call.f().ordinal())
        .arg(call.x())
        .arg(call.y())
        .arg(call.dy())
        .arg(call.dx())
        .arg(call.n())
        .arg(call.dx().accumulate())
        .launch();
  }

  @Override
  public void binary(Binary call) {
    Broadcast sizes = call.sizes();
    Packs.threads(binary, sizes.size())
        .arg(call.f().ordinal())
        .arg(call.a())
        .arg(call.b())
        .arg(call.y())
        .arg(sizes.size())
        .arg(sizes.middle())
        .arg(sizes.inner())
        .arg(sizes.firstSmall())
        .arg(sizes.secondSmall())
        .launch();
  }

  @Override
  public void binaryBackward(BinaryBackward call) {
    Broadcast sizes = call.sizes();
    boolean small = sizes.isSmall(call.first());
    KernelFunction kernel =
        small
            ? binaryBackwardSmall.grid(sizes.middle()).block(THREADS)
            : Packs.threads(binaryBackward, sizes.size());
    kernel
        .arg(call.f().ordinal())
        .arg(call.first())
        .arg(call.a())
        .arg(call.b())
        .arg(call.dy())
        .arg(call.dx())
        .arg(small ? sizes.outer() : sizes.size())
        .arg(sizes.middle())
        .arg(sizes.inner())
        .arg(sizes.firstSmall())
        .arg(sizes.secondSmall())
        .arg(call.dx().accumulate())
        .launch();
  }

  @Override
  public void where(Where call) {
    Packs.threads(where, call.n())
        .arg(call.condition())
        .arg(call.a())
        .arg(call.b())
        .arg(call.y())
        .arg(call.n())
        .arg(call.y().accumulate())
        .launch();
  }

  @Override
  public void reduce(Reduce call) {
    long n = call.outer() * call.inner();
    Packs.threads(reduce, n)
        .arg(call.f().ordinal())
        .arg(call.x())
        .arg(call.y())
        .arg(n)
        .arg(call.M())
        .arg(call.inner())
        .launch();
  }

  @Override
  public void reduceBackward(ReduceBackward call) {
    long n = call.outer() * call.inner();
    Packs.threads(reduceBackward, n)
        .arg(call.f().ordinal())
        .arg(call.x())
        .arg(call.y())
        .arg(call.dy())
        .arg(call.dx())
        .arg(n)
        .arg(call.M())
        .arg(call.inner())
        .arg(call.dx().accumulate())
        .launch();
  }
}
