/**
 * Tensors, the tape that differentiates what is computed with them, and the devices they live on.
 *
 * <p>Start with {@link dev.tenzing.engine.Device}: it makes {@link dev.tenzing.engine.Tensor
 * tensors}, opens {@link dev.tenzing.engine.Scope scopes} that give their memory back, and opens
 * {@link dev.tenzing.engine.Step steps} that record operations and run them backwards. The
 * operations themselves are in {@code dev.tenzing.engine.op}, one a file, and those that read
 * naturally are methods of a tensor, {@code x.matmul(w).add(b).relu()}; what a back end must
 * provide is in {@code dev.tenzing.engine.kernel}.
 */
package dev.tenzing.engine;
