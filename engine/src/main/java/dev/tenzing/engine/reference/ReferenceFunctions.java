package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReduceFunction;

/** Functions of elements in plain loops and double precision. */
final class ReferenceFunctions implements FunctionKernels {
  @Override
  public void unary(Unary call) {
    for (long at = 0; at < 4 * call.n(); at += 4) {
      float x = f32(call.x().address() + at);
      f32(call.y().address() + at, (float) Functions.value(call.f(), x));
    }
  }

  @Override
  public void unaryBackward(UnaryBackward call) {
    for (long at = 0; at < 4 * call.n(); at += 4) {
      float x = f32(call.x().address() + at);
      float y = f32(call.y().address() + at);
      put(call.dx(), at, f32(call.dy().address() + at) * Functions.slope(call.f(), x, y));
    }
  }

  private static void put(Operand target, long at, double value) {
    long address = target.address() + at;
    f32(address, (float) (target.accumulate() ? f32(address) + value : value));
  }

  @Override
  public void binary(Binary call) {
    Broadcast sizes = call.sizes();
    for (long i = 0; i < sizes.size(); i++) {
      long small = i / sizes.inner() % sizes.middle();
      float a = f32(call.a().address() + 4 * (sizes.firstSmall() ? small : i));
      float b = f32(call.b().address() + 4 * (sizes.secondSmall() ? small : i));
      f32(call.y().address() + 4 * i, (float) Functions.value(call.f(), a, b));
    }
  }

  @Override
  public void binaryBackward(BinaryBackward call) {
    Broadcast sizes = call.sizes();
    double[] sums = new double[Math.toIntExact(sizes.size(call.first()))];
    for (long i = 0; i < sizes.size(); i++) {
      long small = i / sizes.inner() % sizes.middle();
      float a = f32(call.a().address() + 4 * (sizes.firstSmall() ? small : i));
      float b = f32(call.b().address() + 4 * (sizes.secondSmall() ? small : i));
      double slope = Functions.slope(call.f(), call.first(), a, b);
      int to = (int) (sizes.isSmall(call.first()) ? small : i);
      sums[to] += slope * f32(call.dy().address() + 4 * i);
    }
    for (int i = 0; i < sums.length; i++) {
      put(call.dx(), 4L * i, sums[i]);
    }
  }

  @Override
  public void where(Where call) {
    for (long at = 0; at < 4 * call.n(); at += 4) {
      Operand chosen = i32(call.condition().address() + at) != 0 ? call.a() : call.b();
      put(call.y(), at, chosen.present() ? f32(chosen.address() + at) : 0);
    }
  }

  @Override
  public void reduce(Reduce call) {
    for (long i = 0; i < call.outer() * call.inner(); i++) {
      long first = i / call.inner() * call.M() * call.inner() + i % call.inner();
      double result = call.f() == ReduceFunction.MAX ? Double.NEGATIVE_INFINITY : 0;
      for (int m = 0; m < call.M(); m++) {
        float x = f32(call.x().address() + 4 * (first + m * call.inner()));
        result = call.f() == ReduceFunction.MAX ? Math.max(result, x) : result + x;
      }
      double divisor = call.f() == ReduceFunction.MEAN ? call.M() : 1;
      f32(call.y().address() + 4 * i, (float) (result / divisor));
    }
  }

  @Override
  public void reduceBackward(ReduceBackward call) {
    boolean max = call.f() == ReduceFunction.MAX;
    double divisor = call.f() == ReduceFunction.MEAN ? call.M() : 1;
    for (long i = 0; i < call.outer() * call.inner(); i++) {
      long first = i / call.inner() * call.M() * call.inner() + i % call.inner();
      double share = f32(call.dy().address() + 4 * i) / divisor;
      boolean taken = false;
      for (int m = 0; m < call.M(); m++) {
        long at = 4 * (first + m * call.inner());
        boolean takes =
            !max || !taken && f32(call.x().address() + at) == f32(call.y().address() + 4 * i);
        taken |= takes;
        put(call.dx(), at, takes ? share : 0);
      }
    }
  }
}
