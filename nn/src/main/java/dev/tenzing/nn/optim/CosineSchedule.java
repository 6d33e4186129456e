package dev.tenzing.nn.optim;

/**
 * Linear warm-up, then half a cosine from {@code base} to {@code last}, as the official {@code
 * cosine_scheduler} tabulates it.
 *
 * @param base value at the end of the warm-up
 * @param last value that the cosine runs to
 * @param steps steps in all
 * @param warmup steps of warm-up
 * @param start value at step 0 of the warm-up
 */
public record CosineSchedule(double base, double last, long steps, long warmup, double start) {
  /** Rejects a warm-up longer than the run. */
  public CosineSchedule {
    if (steps < 0 || warmup < 0 || warmup > steps) {
      throw new IllegalArgumentException(
          "a warm-up of %s steps does not fit into %s steps".formatted(warmup, steps));
    }
  }

  /** Warm-up from 0 over so many steps. */
  public static CosineSchedule ofSteps(double base, double last, long steps, long warmup) {
    return new CosineSchedule(base, last, steps, warmup, 0);
  }

  /**
   * The official arguments: warm-up of whole epochs, or of {@code warmupSteps} when that is
   * positive.
   *
   * @throws IllegalArgumentException for warm-up steps without warm-up epochs, which the official
   *     code rejects too
   */
  public static CosineSchedule official(
      double base,
      double last,
      int epochs,
      int stepsPerEpoch,
      int warmupEpochs,
      int warmupSteps,
      double start) {
    if (warmupEpochs == 0 && warmupSteps > 0) {
      throw new IllegalArgumentException(
          "warm-up steps need at least one warm-up epoch, got "
              + warmupSteps
              + " steps and no epoch");
    }
    long warmup = warmupSteps > 0 ? warmupSteps : (long) warmupEpochs * stepsPerEpoch;
    return new CosineSchedule(base, last, (long) epochs * stepsPerEpoch, warmup, start);
  }

  /** The value of step {@code step}, counted from 0. */
  public double at(long step) {
    if (step < 0 || step >= steps) {
      throw new IllegalArgumentException("step %s is outside 0 to %s".formatted(step, steps - 1));
    }
    if (step < warmup) {
      // numpy.linspace: the last value is exact, and a single one is the first.
      return warmup == 1 ? start : step == warmup - 1 ? base : start + step * slope();
    }
    return last
        + 0.5 * (base - last) * (1 + Math.cos(Math.PI * (step - warmup) / (steps - warmup)));
  }

  private double slope() {
    return (base - start) / (warmup - 1);
  }
}
