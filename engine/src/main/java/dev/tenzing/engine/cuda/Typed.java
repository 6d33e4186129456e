package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import java.util.function.Function;

/**
 * The kernels of a family for each type of activations. Nothing is compiled before it is launched,
 * so the type that is not used costs nothing.
 */
record Typed<T>(T f32, T bf16) {
  /** Makes both. */
  static <T> Typed<T> of(Function<DType, T> family) {
    return new Typed<>(family.apply(DType.F32), family.apply(DType.BF16));
  }

  /** Those for a type. */
  T of(DType type) {
    return type == DType.BF16 ? bf16 : f32;
  }
}
