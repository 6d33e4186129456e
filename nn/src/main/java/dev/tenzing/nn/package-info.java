/**
 * Layers of a vision transformer: records of parameters with a {@code forward} that reads like its
 * formula, and the official parameter names.
 *
 * <p>{@link dev.tenzing.nn.Parameters} names and makes the parameters, {@link
 * dev.tenzing.nn.Initializer} fills them; losses are in {@code loss}, AdamW and schedules in {@code
 * optim}.
 */
package dev.tenzing.nn;
