package dev.tenzing.engine;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.cuda.CudaBackend;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Graphs;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.PointwiseKernels;
import dev.tenzing.engine.meta.MetaBackend;
import dev.tenzing.engine.profile.Profile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where tensors live and operations run. A device is used by one thread at a time; its kernels use
 * as many as it was given.
 *
 * <pre>{@code
 * try (Device device = Device.cpu()) {
 *   Tensor weight = device.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6).requiresGrad();
 *   try (Step step = device.step()) {
 *     Tensor y = Linear.apply(device.tensor(Shape.of(1, 3), 1, 0, 1), weight, null);
 *     step.backward(y, device.full(y.shape(), 1f));
 *   }
 *   float[] dw = weight.grad().toFloats();
 * }
 * }</pre>
 */
public final class Device implements AutoCloseable {
  private final boolean meta;
  private Backend backend;
  private final CachingAllocator allocator;
  private final ArrayDeque<Scope> scopes = new ArrayDeque<>();
  private Capture capture;
  private GraphPool graphPool;
  private int capturedSteps;

  /** A device over a back end; programs use {@link #cpu()}. */
  public Device(Backend backend) {
    this.meta = backend instanceof MetaBackend;
    this.backend = backend;
    this.allocator = new CachingAllocator(backend.name(), backend.memory());
  }

  /** The CPU with one thread for each processor. */
  public static Device cpu() {
    return cpu(Runtime.getRuntime().availableProcessors());
  }

  /** The CPU with the given number of threads. */
  public static Device cpu(int threads) {
    return cpu(threads, Precision.FP32);
  }

  /**
   * The CPU. In BF16 the operands of linear layers, forward and backward, are rounded to BF16
   * before they are multiplied, in AVX512-BF16 where the processor has it; all tensors and all
   * other operations, attention too, are F32.
   *
   * @param precision FP32 or BF16
   */
  public static Device cpu(int threads, Precision precision) {
    return new Device(CpuBackend.create(threads, precision));
  }

  /**
   * An NVIDIA GPU, by its number.
   *
   * @throws dev.tenzing.engine.cuda.CudaException when it cannot be had, in one sentence
   */
  public static Device cuda(int index, Precision precision) {
    return new Device(CudaBackend.create(index, precision));
  }

  /**
   * A device whose tensors have shapes but no values, as PyTorch's: what runs on it takes neither
   * memory nor time, and {@link #memory()} says what it would take.
   */
  public static Device meta() {
    return meta(DType.F32);
  }

  /** {@link #meta()} like a device with {@link #activations()} of that type. */
  public static Device meta(DType activations) {
    return new Device(new MetaBackend(activations));
  }

  /** Whether tensors here have no values, so that computing some is wasted. */
  public boolean isMeta() {
    return meta;
  }

  /** Name for people, such as {@code cpu}. */
  public String name() {
    return backend.name();
  }

  /**
   * The type of the activations between matrix products, F32 or BF16: what layer norms, attention
   * and the inner half of an MLP give. Parameters, the residual stream and losses are F32.
   */
  public DType activations() {
    return backend.activations();
  }

  /** With how many bits it computes. */
  public Precision precision() {
    return backend.precision();
  }

  /** Its kernels, for operations. */
  public Kernels kernels() {
    return backend.kernels();
  }

  // ---- scopes

  /** Opens a scope in which nothing is recorded. */
  public Scope scope() {
    Scope scope = new Scope(this);
    scopes.push(scope);
    return scope;
  }

  /** Opens a scope that records operations for {@link Step#backward}. */
  public Step step() {
    Step step = new Step(this);
    scopes.push(step);
    return step;
  }

  /**
   * Whether an operation on {@code inputs} would be recorded now: the innermost scope is a step and
   * one of them is tracked. Nulls are skipped.
   */
  public boolean records(Tensor... inputs) {
    if (!(scopes.peek() instanceof Step)) {
      return false;
    }
    for (Tensor input : inputs) {
      if (input != null && input.isTracked()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts an operation on the tape when {@link #records} says so.
   *
   * @param operation its name for messages
   * @param output what it computed
   * @param backward its backward, or null when it has none: asking a gradient through it then
   *     throws
   * @param inputs the tensors a gradient may flow to; nulls are skipped
   */
  public void record(String operation, Tensor output, Backward backward, Tensor... inputs) {
    record(operation, output, new Tensor[0], backward, inputs);
  }

  /**
   * {@link #record(String, Tensor, Backward, Tensor...)} for an operation that saved more than its
   * output for its backward: what it saved is freed when its backward has run, or at once when
   * nothing is recorded.
   */
  public void record(
      String operation, Tensor output, Tensor[] saved, Backward backward, Tensor... inputs) {
    if (records(inputs)) {
      ((Step) scopes.peek()).record(operation, output, saved, backward);
    } else {
      for (Tensor tensor : saved) {
        tensor.close();
      }
    }
  }

  Scope scopeOrNull() {
    return scopes.peek();
  }

  Scope enclosing(Scope scope) {
    boolean found = false;
    for (Scope candidate : scopes) {
      if (found) {
        return candidate;
      }
      found = candidate == scope;
    }
    return null;
  }

  void pop(Scope scope) {
    if (scopes.peek() != scope) {
      throw new IllegalStateException(
          "a scope was closed before the scopes opened inside it; use try-with-resources");
    }
    scopes.pop();
  }

  // ---- tensors

  /** A tensor whose content is undefined. */
  public Tensor empty(DType dtype, Shape shape) {
    return make(dtype, shape, scopes.peek());
  }

  /** {@link #empty(DType, Shape)} of F32. */
  public Tensor empty(long... dims) {
    return empty(DType.F32, Shape.of(dims));
  }

  /** An F32 tensor of zeros. */
  public Tensor zeros(Shape shape) {
    return full(shape, 0f);
  }

  /** An F32 tensor of one value. */
  public Tensor full(Shape shape, float value) {
    Tensor tensor = empty(DType.F32, shape);
    kernels().pointwise().fill(new PointwiseKernels.Fill(of(tensor), value, tensor.size()));
    return tensor;
  }

  /** An F32 tensor with the given elements. */
  public Tensor tensor(Shape shape, float... values) {
    checkLength(shape, values.length);
    Tensor tensor = empty(DType.F32, shape);
    tensor.copyFrom(values);
    return tensor;
  }

  /** An I32 tensor with the given elements. */
  public Tensor tensor(Shape shape, int[] values) {
    checkLength(shape, values.length);
    Tensor tensor = empty(DType.I32, shape);
    try (Arena arena = Arena.ofConfined()) {
      tensor.copyFrom(arena.allocateFrom(ValueLayout.JAVA_INT, values));
    }
    return tensor;
  }

  /** A tensor with the bytes of host memory. */
  public Tensor tensor(DType dtype, Shape shape, MemorySegment host) {
    Tensor tensor = empty(dtype, shape);
    tensor.copyFrom(host);
    return tensor;
  }

  private static void checkLength(Shape shape, int length) {
    if (shape.size() != length) {
      throw new ShapeException(
          "tensor: shape " + shape + " needs " + shape.size() + " values, got " + length);
    }
  }

  /** A tensor that no scope owns: it lives until it is closed. Its content is undefined. */
  public Tensor persistent(DType dtype, Shape shape) {
    return make(dtype, shape, null);
  }

  /**
   * The gradient of a leaf, which lives until it is cleared: in a captured step that of an outer
   * leaf, such as a parameter, is there after each replay.
   */
  Tensor gradient(Shape shape, Storage leaf) {
    long bytes = bytes(DType.F32, shape);
    Storage storage =
        capture == null || capture.owns(leaf)
            ? storageOfStep(bytes)
            : capture.allocateGradient(bytes);
    return new Tensor(this, shape, DType.F32, storage, storage.address, null);
  }

  private Tensor make(DType dtype, Shape shape, Scope scope) {
    long bytes = bytes(dtype, shape);
    Storage storage = scope == null ? block(bytes) : storageOfStep(bytes);
    return new Tensor(this, shape, dtype, storage, storage.address, scope);
  }

  private static long bytes(DType dtype, Shape shape) {
    boolean countable = shape.size() <= Long.MAX_VALUE / dtype.bytes();
    return countable ? shape.size() * dtype.bytes() : Long.MAX_VALUE;
  }

  /** Memory that the step which takes it gives back. */
  Storage storageOfStep(long bytes) {
    return capture == null ? allocator.allocate(bytes, false) : capture.allocate(bytes);
  }

  void copyIn(MemorySegment source, long target) {
    refuseCapture(
        "copying values from the host",
        "every replay would repeat them; use Device.feed for values of each step, Device.constant"
            + " for those that never change");
    backend.memory().copyIn(source, target);
  }

  void copyOut(long source, MemorySegment target) {
    refuseCapture(
        "reading a tensor",
        "nothing has been computed yet; return it from the step and read the output of a replay");
    backend.memory().copyOut(source, target);
  }

  // ---- captured steps

  /**
   * Whether {@link #capture} works here: where the host hands work to a device that does it later.
   * Elsewhere there would be nothing to gain.
   */
  public boolean captures() {
    return backend.graphs().isPresent();
  }

  /**
   * Records a step without running it. {@link CapturedStep#replay()} then runs what it did again
   * and again, with the same shapes and in the same memory, but with new values of what was {@link
   * #feed fed} to it; the host has next to nothing to do for it.
   *
   * <p>The step must have run once before in the ordinary way, so that its kernels are compiled and
   * it is known to work. Tensors made in it are used by every replay, so none can be kept except
   * the one it returns; gradients are left in the leaves by each replay as by the step itself.
   *
   * @param work the step, such as forward, loss and backward
   * @throws IllegalStateException when it does what cannot be captured
   */
  public CapturedStep capture(Function<Step, Tensor> work) {
    Graphs graphs =
        backend
            .graphs()
            .orElseThrow(() -> new IllegalStateException(name() + " does not capture steps"));
    refuseCapture("capturing a step", "it would be a part of the other");
    if (graphPool == null) {
      graphPool = new GraphPool(allocator);
    }
    capturedSteps++;
    capture = new Capture(this, graphs, graphPool);
    try {
      return capture.run(work);
    } catch (RuntimeException | Error e) {
      forgetCapturedStep();
      throw e;
    }
  }

  void endCapture() {
    capture = null;
  }

  void forgetCapturedStep() {
    if (--capturedSteps == 0) {
      graphPool.close();
      graphPool = null;
    }
  }

  /**
   * Says that an operation has no place in a captured step.
   *
   * @param operation what is refused
   * @param why what would go wrong
   * @throws IllegalStateException while a step is being captured
   */
  public void refuseCapture(String operation, String why) {
    if (capture != null) {
      throw new IllegalStateException(
          operation + " has no place in a step that is being captured: " + why);
    }
  }

  /** Memory that a captured step uses stays until the step is closed. */
  void uses(Storage storage) {
    if (capture != null) {
      capture.uses(storage);
    }
  }

  void collects(Tensor leaf, Tensor grad, Storage storage, boolean accumulates) {
    // A leaf that a captured step makes for itself, as recomputation does, ends with the step.
    if (capture != null && !capture.owns(storage)) {
      capture.collects(leaf, grad, accumulates);
    }
  }

  /** A block that lives until it is released. */
  Storage block(long bytes) {
    return allocator.allocate(bytes, true);
  }

  /**
   * A tensor of values that the host makes anew for each step. In a step that is being captured the
   * values are not asked for; each replay asks for them, in the order of the feeds.
   *
   * @param source gives the bytes of the present step, exactly as many as the tensor has; it must
   *     look at what changes from step to step whenever it is asked
   */
  public Tensor feed(DType dtype, Shape shape, Supplier<MemorySegment> source) {
    return capture == null
        ? tensor(dtype, shape, source.get())
        : capture.feeds().feed(scopes.peek(), dtype, shape, source);
  }

  /** {@link #feed(DType, Shape, Supplier)} of F32. */
  public Tensor feed(Shape shape, Supplier<float[]> source) {
    return feed(DType.F32, shape, () -> MemorySegment.ofArray(source.get()));
  }

  /** {@link #feed(DType, Shape, Supplier)} of I32. */
  public Tensor feedInts(Shape shape, Supplier<int[]> source) {
    return feed(DType.I32, shape, () -> MemorySegment.ofArray(source.get()));
  }

  /** An F32 tensor of values that are the same in every step, for steps that may be captured. */
  public Tensor constant(Shape shape, float... values) {
    return constant(DType.F32, shape, MemorySegment.ofArray(values));
  }

  /** An I32 tensor of values that are the same in every step, for steps that may be captured. */
  public Tensor constant(Shape shape, int[] values) {
    return constant(DType.I32, shape, MemorySegment.ofArray(values));
  }

  private Tensor constant(DType dtype, Shape shape, MemorySegment values) {
    return capture == null
        ? tensor(dtype, shape, values)
        : capture.feeds().constant(scopes.peek(), dtype, shape, values);
  }

  /** A way for {@code count} numbers to the host that does not make it wait. */
  public Readback readback(int count) {
    return new Readback(this, backend.graphs().orElse(null), count);
  }

  // ---- memory

  /** Bytes in use, their peak, and bytes taken from the system. */
  public MemoryUsage memory() {
    return allocator.usage();
  }

  /** Bytes that its tensors may take in all. */
  public long memoryLimit() {
    return backend.memory().limit();
  }

  /** Starts counting {@link MemoryUsage#peak()} anew. */
  public void resetPeakMemory() {
    allocator.resetPeak();
  }

  /** Gives cached memory back to the system. */
  public void trim() {
    refuseCapture("trim", "the memory may be in use");
    allocator.trim();
  }

  // ---- profile

  /**
   * Times and counts every kernel from now on, until the profile is closed. Each is waited for, and
   * steps are {@linkplain #captures() not captured}; the numbers that they compute are the same.
   */
  public Profile profile() {
    refuseCapture("a profile", "its kernels do not run");
    return Profile.of(backend, use -> backend = use);
  }

  @Override
  public void close() {
    allocator.trim();
    backend.close();
  }

  @Override
  public String toString() {
    return name();
  }
}
