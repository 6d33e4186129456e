package dev.tenzing.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A contiguous, row-major, typed array on one device.
 *
 * <p>A tensor is a handle: its memory belongs to the scope it was made in, or to the caller when
 * there was none, and is given back by that scope or by {@link #close()}. Using it afterwards
 * throws. {@link #reshape} and {@link #slice} share memory with their source; there are no other
 * views.
 *
 * <p>A <em>leaf</em> is a tensor that {@linkplain #requiresGrad() was asked} to collect a gradient,
 * such as a parameter. A tensor computed from leaves inside a {@link Step} is <em>tracked</em>:
 * gradients flow through it to them.
 */
public final class Tensor implements AutoCloseable, Arithmetic {
  private final Device device;
  private final Shape shape;
  private final DType dtype;
  private Storage storage;
  private long address;
  private Scope scope;
  private boolean open = true;
  private boolean leaf;
  private boolean tracked;
  private Tensor grad;
  private boolean hasGrad;
  // Captured steps that write the gradient where it is now.
  private int gradCaptures;
  // Whether the memory went back early, and what computes the values again.
  private boolean forgotten;
  private Runnable recipe;
  private String name;

  Tensor(Device device, Shape shape, DType dtype, Storage storage, long address, Scope scope) {
    this.device = device;
    this.shape = shape;
    this.dtype = dtype;
    this.storage = storage;
    this.address = address;
    this.scope = scope;
    if (scope != null) {
      scope.own(this);
    }
  }

  /** The device this tensor lives on. */
  public Device device() {
    return device;
  }

  /** Sizes of its dimensions. */
  public Shape shape() {
    return shape;
  }

  /** Size of dimension {@code i}, negative from the end. */
  public long dim(int i) {
    return shape.dim(i);
  }

  /** Type of its elements. */
  public DType dtype() {
    return dtype;
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }

  /** Bytes of its elements. */
  public long bytes() {
    return size() * dtype.bytes();
  }

  /** Address of the first element in device memory, for kernels. */
  public long address() {
    checkOpen();
    if (forgotten) {
      remake();
    }
    device.uses(storage);
    return address;
  }

  /** Names the tensor in messages and returns it; parameters carry their state-dict name. */
  public Tensor named(String name) {
    this.name = name;
    return this;
  }

  /** The name given to it, or null. */
  public String name() {
    return name;
  }

  // ---- views

  /**
   * The same elements under another shape of equal size, sharing memory. Gradients flow through it.
   *
   * @throws ShapeException when the sizes differ
   */
  public Tensor reshape(long... dims) {
    return reshape(Shape.of(dims));
  }

  /** {@link #reshape(long...)} with a shape. */
  public Tensor reshape(Shape target) {
    if (target.size() != size()) {
      throw new ShapeException(
          "reshape: " + this + " has " + size() + " elements, " + target + " has " + target.size());
    }
    Tensor view = view(target, 0);
    device.record("reshape", view, (gradients, dy) -> gradients.pass(this, dy), this);
    return view;
  }

  /**
   * Rows {@code from} to {@code to} (exclusive) of the first dimension, sharing memory. Not
   * differentiable.
   */
  public Tensor slice(long from, long to) {
    if (shape.rank() == 0 || from < 0 || to < from || to > dim(0)) {
      throw new ShapeException("slice: rows " + from + " to " + to + " of " + this);
    }
    long row = dim(0) == 0 ? 0 : size() / dim(0);
    Tensor view = view(shape.with(0, to - from), from * row * dtype.bytes());
    device.record("slice", view, null, this);
    return view;
  }

  /** The same memory as a tensor that no gradient flows through. */
  public Tensor detach() {
    return view(shape, 0);
  }

  private Tensor view(Shape target, long offset) {
    long start = address();
    return new Tensor(device, target, dtype, storage.share(), start + offset, device.scopeOrNull());
  }

  // ---- gradients

  /** Makes this tensor a leaf that collects its gradient, and returns it. */
  public Tensor requiresGrad() {
    if (dtype != DType.F32) {
      throw new ShapeException("requiresGrad: a " + dtype + " tensor has no gradient");
    }
    leaf = true;
    tracked = true;
    return this;
  }

  /** Whether it is a leaf that collects its gradient. */
  public boolean isLeaf() {
    return leaf;
  }

  /** Whether gradients flow to or through it. */
  public boolean isTracked() {
    return tracked;
  }

  /**
   * The gradient collected so far by this leaf, or null when none arrived since {@link
   * #clearGrad()}.
   */
  public Tensor grad() {
    return hasGrad ? grad : null;
  }

  /** Whether a gradient arrived since {@link #clearGrad()}. */
  public boolean hasGrad() {
    return hasGrad;
  }

  /**
   * Forgets the gradient and gives its memory back, to what the next forward keeps; except where a
   * captured step will write it again.
   */
  public void clearGrad() {
    hasGrad = false;
    freeUnusedGrad();
  }

  private void freeUnusedGrad() {
    if (grad != null && !hasGrad && gradCaptures == 0) {
      grad.close();
      grad = null;
    }
  }

  /** Hands the gradient over to the caller, who closes it. */
  public Tensor takeGrad() {
    Tensor taken = grad();
    if (taken == null) {
      throw new IllegalStateException("no gradient has reached the tensor " + this);
    }
    grad = null;
    hasGrad = false;
    gradCaptures = 0;
    return taken;
  }

  /**
   * Sets the gradient of this leaf from outside, as if a loss that the tape did not see had given
   * it.
   */
  public void setGrad(float[] values) {
    if (!leaf) {
      throw new IllegalStateException(
          "setGrad: " + this + " is not a leaf that collects a gradient");
    }
    gradBuffer().copyFrom(values);
  }

  Tensor gradBuffer() {
    if (grad == null) {
      grad = device.gradient(shape, storage);
    }
    device.collects(this, grad, storage, hasGrad);
    hasGrad = true;
    return grad;
  }

  /** Whether {@code buffer} is where this leaf collects its gradient. */
  boolean collectsIn(Tensor buffer) {
    return grad == buffer;
  }

  /** A captured step writes the gradient where it is now. */
  void holdGrad() {
    gradCaptures++;
  }

  /** A captured step that wrote {@code buffer} is gone. */
  void releaseGrad(Tensor buffer) {
    if (grad == buffer && gradCaptures > 0) {
      gradCaptures--;
      freeUnusedGrad();
    }
  }

  void setHasGrad(boolean arrived) {
    hasGrad = arrived;
    freeUnusedGrad();
  }

  void track() {
    tracked = true;
  }

  // ---- lifetime

  Scope scope() {
    return scope;
  }

  void moveTo(Scope target) {
    scope = target;
    if (target != null) {
      target.own(this);
    }
  }

  /** Takes this tensor out of its scope: it lives until {@link #close()}. Returns it. */
  public Tensor keep() {
    checkOpen();
    scope = null;
    return this;
  }

  /**
   * Says that no further operation will use this result of one, and gives its memory back. A
   * backward that needs the values makes them again, which is cheap for layer norms and the like;
   * of other operations only results that no backward needs may be forgotten, else that throws.
   * Where nothing is recorded the tensor is closed; and one that no gradient flows through stays in
   * a {@link Step}, whose other tensors may need it.
   */
  public void forget() {
    checkOpen();
    if (!tracked) {
      if (!(device.scopeOrNull() instanceof Step)) {
        close();
      }
    } else if (!forgotten) {
      forgotten = true;
      storage.release();
    }
  }

  /**
   * What computes the values of this result of a recorded operation again.
   *
   * @param recipe writes them to {@link #address()}, to the same bits
   */
  public void remadeBy(Runnable recipe) {
    this.recipe = recipe;
  }

  private void remake() {
    if (recipe == null) {
      throw new IllegalStateException(
          "the tensor " + this + " was forgotten, and its operation does not make it again");
    }
    storage = device.storageOfStep(bytes());
    address = storage.address;
    forgotten = false;
    recipe.run();
  }

  void releaseEarly(Scope owner) {
    if (scope == owner) {
      close();
    }
  }

  /** Gives the memory back, and that of its gradient. Closing twice is harmless. */
  @Override
  public void close() {
    if (open) {
      open = false;
      recipe = null;
      if (!forgotten) {
        storage.release();
      }
      if (grad != null) {
        grad.close();
        grad = null;
        hasGrad = false;
      }
    }
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException(
          "the tensor "
              + this
              + " has been freed: its scope ended, or backward released it; keep() what must live"
              + " longer");
    }
  }

  // ---- host access

  /** The value of a tensor of one F32 element; waits for the device. */
  public float item() {
    if (size() != 1) {
      throw new ShapeException("item: " + this + " is not a single value");
    }
    return toFloats()[0];
  }

  /** A copy of its elements (F32 or BF16). */
  public float[] toFloats() {
    if (dtype == DType.BF16) {
      return bf16ToFloats();
    }
    expect(DType.F32, "toFloats");
    float[] values = new float[arrayLength()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(bytes(), 1), 64);
      device.copyOut(address(), host.asSlice(0, bytes()));
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
    }
    return values;
  }

  private float[] bf16ToFloats() {
    float[] values = new float[arrayLength()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(bytes(), 1), 64);
      device.copyOut(address(), host.asSlice(0, bytes()));
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat(host.getAtIndex(ValueLayout.JAVA_SHORT, i) << Short.SIZE);
      }
    }
    return values;
  }

  /** A copy of its elements (I32). */
  public int[] toInts() {
    expect(DType.I32, "toInts");
    int[] values = new int[arrayLength()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(bytes(), 1), 64);
      device.copyOut(address(), host.asSlice(0, bytes()));
      MemorySegment.copy(host, ValueLayout.JAVA_INT, 0, values, 0, values.length);
    }
    return values;
  }

  /** Copies its bytes to host memory of exactly its size. */
  public void copyTo(MemorySegment host) {
    checkBytes(host, "copyTo");
    device.copyOut(address(), host);
  }

  /** Copies the bytes from {@code offset} on that fit into host memory. */
  public void copyTo(long offset, MemorySegment host) {
    if (offset < 0 || offset + host.byteSize() > bytes()) {
      throw new ShapeException(
          "copyTo: bytes %s to %s of %s".formatted(offset, offset + host.byteSize(), this));
    }
    device.copyOut(address() + offset, host);
  }

  /** Overwrites it with host memory of exactly its size. */
  public void copyFrom(MemorySegment host) {
    checkBytes(host, "copyFrom");
    device.copyIn(host, address());
  }

  /** Overwrites it (F32) with {@code values}. */
  public void copyFrom(float[] values) {
    expect(DType.F32, "copyFrom");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(4L * values.length, 1), 64);
      MemorySegment.copy(values, 0, host, ValueLayout.JAVA_FLOAT, 0, values.length);
      copyFrom(host.asSlice(0, 4L * values.length));
    }
  }

  private void checkBytes(MemorySegment host, String operation) {
    if (host.byteSize() != bytes()) {
      throw new ShapeException(
          operation
              + ": "
              + this
              + " has "
              + bytes()
              + " bytes, the host memory "
              + host.byteSize());
    }
  }

  private void expect(DType type, String operation) {
    if (dtype != type) {
      throw new ShapeException(operation + ": needs " + type + ", " + this + " is " + dtype);
    }
  }

  private int arrayLength() {
    if (size() > Integer.MAX_VALUE - 8) {
      throw new ShapeException(this + " is too large for a Java array");
    }
    return (int) size();
  }

  @Override
  public String toString() {
    return name == null ? shape.toString() : shape + " (\"" + name + "\")";
  }
}
