package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Graphs;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** One NVIDIA GPU. Everything runs on one stream, in the order of the calls. */
public final class CudaBackend implements Backend {
  private final Precision precision;
  private final CudaContext context;
  private final CudaStream stream;
  private final CudaMemory memory;
  private final Launcher launcher;
  private final Matmul matmul;
  private final Kernels kernels;
  private final CudaGraphs graphs;

  private CudaBackend(
      CudaDevice device, Precision precision, Path nvrtc, KernelCache cache, boolean synchronous) {
    this.precision = precision;
    context = new CudaContext(device);
    stream = new CudaStream(context);
    memory = new CudaMemory(stream);
    KernelCompiler compiler = new KernelCompiler(Architectures.of(device, nvrtc), nvrtc, cache);
    launcher = new Launcher(stream, memory, compiler, synchronous);
    matmul = new Matmul(launcher, precision == Precision.TF32);
    kernels = kernels(launcher, memory, matmul, precision);
    // Recorded kernels cannot be waited for one by one.
    graphs = synchronous ? null : new CudaGraphs(launcher);
  }

  private static Kernels kernels(
      Launcher launcher, CudaMemory memory, Matmul matmul, Precision precision) {
    Pointwise pointwise = new Pointwise(launcher, memory);
    RowReductions reductions = new RowReductions(launcher);
    Losses losses = new Losses(launcher);
    return new Kernels(
        new LinearLayers(launcher, matmul, precision.activations(), pointwise, reductions),
        new FlashAttention(launcher),
        new NormalizedHeads(launcher, reductions),
        new LayerNorms(launcher, reductions),
        new Softmaxes(launcher),
        pointwise,
        new PlainFunctions(launcher),
        new Layouts(launcher),
        new Residuals(launcher, reductions),
        new Dropouts(launcher),
        reductions,
        new Tokens(launcher),
        new Ranking(launcher),
        new Videos(launcher),
        new PixelTargets(launcher),
        losses,
        new Divergences(launcher, losses),
        new Optimizer(launcher));
  }

  /**
   * The GPU with a number. {@code TENZING_CUDA_SYNC=1} makes every launch wait, so that a failure
   * names its kernel.
   *
   * @throws CudaException when there is none, or a library is missing
   */
  public static CudaBackend create(int index, Precision precision) {
    return create(index, precision, CudaLibraries.system(), System.getenv());
  }

  static CudaBackend create(
      int index, Precision precision, CudaLibraries libraries, Map<String, String> environment) {
    CudaDevice device = CudaDevices.query(libraries).require(index);
    libraries.require(CudaLibrary.CUBLAS_LT);
    Path nvrtc = libraries.require(CudaLibrary.NVRTC);
    KernelCache cache = KernelCache.of(environment, System.getProperty("user.home"));
    return new CudaBackend(
        device,
        precision,
        nvrtc,
        cache,
        environment.getOrDefault("TENZING_CUDA_SYNC", "").equals("1"));
  }

  @Override
  public String name() {
    return "cuda:" + context.device().index();
  }

  @Override
  public RawMemory memory() {
    return memory;
  }

  @Override
  public DType activations() {
    return precision.activations();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  /** For kernels that are launched outside {@link Kernels}. */
  Launcher launcher() {
    return launcher;
  }

  @Override
  public Optional<Graphs> graphs() {
    return Optional.ofNullable(graphs);
  }

  @Override
  public void synchronize() {
    stream.synchronize();
  }

  @Override
  public void close() {
    if (graphs != null) {
      graphs.close();
    }
    matmul.close();
    launcher.close();
    stream.close();
    context.close();
  }
}
