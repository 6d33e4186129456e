package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.PointwiseKernels;

/** What treats every element alike, in plain loops. */
final class ReferencePointwise implements PointwiseKernels {
  @Override
  public void geluBackward(GeluBackward call) {
    long x = call.x().address();
    long dy = call.dy().address();
    long dx = call.dx().address();
    long y = call.y().address();
    long n = call.n();
    for (long at = 0; at < 4 * n; at += 4) {
      float v = f32(x + at);
      f32(dx + at, (float) (f32(dy + at) * ScalarMath.geluDerivative(v)));
      f32(y + at, (float) ScalarMath.gelu(v));
    }
  }

  /** Activations are F32 here, so nothing is rounded. */
  @Override
  public void cast(Cast call) {
    Native.copy(call.x().address(), call.y().address(), 4 * call.n());
  }

  @Override
  public void add(Add call) {
    long a = call.a().address();
    long b = call.b().address();
    long y = call.y().address();
    long n = call.n();
    for (long at = 0; at < 4 * n; at += 4) {
      f32(y + at, f32(a + at) + f32(b + at));
    }
  }

  @Override
  public void scale(Scale call) {
    long x = call.x().address();
    float alpha = call.alpha();
    long y = call.y().address();
    long n = call.n();
    boolean accumulate = call.y().accumulate();
    for (long at = 0; at < 4 * n; at += 4) {
      double scaled = (double) alpha * f32(x + at);
      f32(y + at, (float) (accumulate ? f32(y + at) + scaled : scaled));
    }
  }

  @Override
  public void fill(Fill call) {
    long y = call.y().address();
    float value = call.value();
    long n = call.n();
    for (long at = 0; at < 4 * n; at += 4) {
      f32(y + at, value);
    }
  }

  @Override
  public void copy(Copy call) {
    Native.copy(call.source(), call.target(), call.bytes());
  }
}
