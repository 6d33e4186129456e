/**
 * Reaching an NVIDIA GPU.
 *
 * <p>Two questions are answered here: where this machine keeps the CUDA libraries ({@link
 * dev.tenzing.engine.cuda.CudaLibraries}), and which GPUs its driver offers ({@link
 * dev.tenzing.engine.cuda.CudaDevices}). Both answer on a machine that has neither, and say what
 * was looked for. Nothing here computes: tensors live on the CPU.
 */
package dev.tenzing.engine.cuda;
