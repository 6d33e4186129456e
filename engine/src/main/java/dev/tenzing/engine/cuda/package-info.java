/**
 * The NVIDIA GPU back end: driver context, stream, memory, matrix products by cuBLASLt, recorded
 * steps, and kernels in {@code .cu} files, one family a file with a launcher beside it.
 *
 * <p>Two questions are answered on any machine: where it keeps the CUDA libraries ({@link
 * dev.tenzing.engine.cuda.CudaLibraries}), and which GPUs its driver offers ({@link
 * dev.tenzing.engine.cuda.CudaDevices}); where there are none, both say what was looked for.
 */
package dev.tenzing.engine.cuda;
