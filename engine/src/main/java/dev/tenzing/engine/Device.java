package dev.tenzing.engine;

import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.meta.MetaBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

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
  private final Backend backend;
  private final CachingAllocator allocator;
  private final ArrayDeque<Scope> scopes = new ArrayDeque<>();

  /** A device over a back end; programs use {@link #cpu()}. */
  public Device(Backend backend) {
    this.backend = backend;
    this.allocator = new CachingAllocator(backend.name(), backend.memory());
  }

  /** The CPU with one thread for each processor. */
  public static Device cpu() {
    return cpu(Runtime.getRuntime().availableProcessors());
  }

  /** The CPU with the given number of threads. */
  public static Device cpu(int threads) {
    return new Device(CpuBackend.create(threads));
  }

  /**
   * A device whose tensors have shapes but no values, as PyTorch's: what runs on it takes neither
   * memory nor time, and {@link #memory()} says what it would take.
   */
  public static Device meta() {
    return new Device(new MetaBackend());
  }

  /** Whether tensors here have no values, so that computing some is wasted. */
  public boolean isMeta() {
    return backend instanceof MetaBackend;
  }

  /** Name for people, such as {@code cpu}. */
  public String name() {
    return backend.name();
  }

  /** Its kernels, for operations. */
  public Kernels kernels() {
    return backend.kernels();
  }

  // ---- scopes
  // ------------------------------------------------------------------------------------------------------------------------------

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
  // -----------------------------------------------------------------------------------------------------------------------------

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
    kernels().fill(tensor.address(), value, tensor.size());
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

  private Tensor make(DType dtype, Shape shape, Scope scope) {
    boolean countable = shape.size() <= Long.MAX_VALUE / dtype.bytes();
    Storage storage = allocator.allocate(countable ? shape.size() * dtype.bytes() : Long.MAX_VALUE);
    return new Tensor(this, shape, dtype, storage, storage.address, scope);
  }

  void copyIn(MemorySegment source, long target) {
    backend.memory().copyIn(source, target);
  }

  void copyOut(long source, MemorySegment target) {
    backend.memory().copyOut(source, target);
  }

  // ---- memory
  // ------------------------------------------------------------------------------------------------------------------------------

  /** Bytes in use, their peak, and bytes taken from the system. */
  public MemoryUsage memory() {
    return allocator.usage();
  }

  /** Starts counting {@link MemoryUsage#peak()} anew. */
  public void resetPeakMemory() {
    allocator.resetPeak();
  }

  /** Gives cached memory back to the system. */
  public void trim() {
    allocator.trim();
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
