package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Operand;
import java.util.function.Function;

/**
 * What exists for each type of activations. Nothing is compiled before it is launched, so the type
 * that is not used costs nothing.
 */
record Typed<T>(T f32, T bf16) {
  /** Makes both. */
  static <T> Typed<T> of(Function<DType, T> make) {
    return new Typed<>(make.apply(DType.F32), make.apply(DType.BF16));
  }

  /** A kernel of a file of this package whose name ends in the type. */
  static Typed<KernelFunction> function(Launcher launcher, String file, String name) {
    return of(type -> launcher.function(file, name + Packs.suffix(type)));
  }

  /** What exists for a type. */
  T of(DType type) {
    return type == DType.BF16 ? bf16 : f32;
  }

  /** What exists for the type of an array. */
  T of(Operand array) {
    return of(array.type());
  }
}
