package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.KernelChoice;
import java.util.Optional;

/** Arithmetic that a processor does not have. */
public final class Emulation {
  private Emulation() {}

  /** What a user should know who asked for BF16 to be faster, when it is not. */
  public static Optional<String> of(Device device) {
    return device.name().equals("cpu")
            && device.precision() == Precision.BF16
            && KernelChoice.emulatesBf16()
        ? Optional.of("--precision bf16 is " + KernelChoice.bf16())
        : Optional.empty();
  }
}
