/**
 * PyTorch checkpoints ({@code .pth}, {@code .pt}, {@code .bin}), read and written as data.
 *
 * <p>A checkpoint is a pickle, a program for a stack machine that in Python may call any function.
 * The machine here knows no functions: it builds maps, lists, numbers, strings and tensors, and a
 * file that asks for more is refused. {@link dev.tenzing.engine.io.torch.TorchCheckpoint} reads,
 * {@link dev.tenzing.engine.io.torch.TorchWriter} writes.
 */
package dev.tenzing.engine.io.torch;
