package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.OptimizerKernels;

/** Gradient norm and AdamW in plain loops. */
final class ReferenceOptimizer implements OptimizerKernels {
  @Override
  public void globalNorm(GlobalNorm call) {
    double sum = 0;
    for (Parameter parameter : call.parameters()) {
      for (long i = 0; i < parameter.n(); i++) {
        double g = f32(parameter.g() + 4 * i);
        sum += g * g;
      }
    }
    f32(call.norm().address(), (float) Math.sqrt(sum));
  }

  @Override
  public void adamW(AdamW call) {
    double beta1 = call.beta1();
    double beta2 = call.beta2();
    double clip =
        call.maxNorm() > 0
            ? Math.min(1, call.maxNorm() / (f32(call.norm().address()) + NORM_EPSILON))
            : 1;
    for (Parameter p : call.parameters()) {
      double correction1 = 1 - Math.pow(beta1, p.step());
      double correction2 = 1 - Math.pow(beta2, p.step());
      for (long at = 0; at < 4 * p.n(); at += 4) {
        double gradient = clip * f32(p.g() + at);
        double first = beta1 * f32(p.m() + at) + (1 - beta1) * gradient;
        double second = beta2 * f32(p.v() + at) + (1 - beta2) * gradient * gradient;
        double divisor = Math.sqrt(second) / Math.sqrt(correction2) + call.eps();
        double decayed = f32(p.p() + at) * (1 - p.lr() * p.weightDecay());
        f32(p.m() + at, (float) first);
        f32(p.v() + at, (float) second);
        f32(p.p() + at, (float) (decayed - p.lr() / correction1 * first / divisor));
      }
    }
  }
}
