package dev.tenzing.engine.cuda;

import java.util.List;

/** A native library that the GPU is reached through. */
public enum CudaLibrary {
  /** The driver API; comes with the NVIDIA driver. */
  DRIVER("the CUDA driver", "install the NVIDIA driver", "libcuda.so.1"),
  /** Matrix products; comes with the CUDA toolkit, or with pip's nvidia-cublas. */
  CUBLAS_LT("cuBLASLt", "install CUDA 12 or 13", "libcublasLt.so.13", "libcublasLt.so.12"),
  /** The run-time compiler; comes with the CUDA toolkit, or with pip's nvidia-cuda-nvrtc. */
  NVRTC("NVRTC", "install CUDA 12 or 13", "libnvrtc.so.13", "libnvrtc.so.12");

  private final String title;
  private final String remedy;
  private final List<String> fileNames;

  CudaLibrary(String title, String remedy, String... fileNames) {
    this.title = title;
    this.remedy = remedy;
    this.fileNames = List.of(fileNames);
  }

  /** Name for people, such as {@code cuBLASLt}. */
  public String title() {
    return title;
  }

  /**
   * The versions that Tenzing's bindings fit, best first. An unversioned name such as {@code
   * libnvrtc.so} is never tried: it may be any version.
   */
  public List<String> fileNames() {
    return fileNames;
  }

  /** What to do when it is missing, as the start of a sentence. */
  String remedy() {
    return remedy;
  }
}
