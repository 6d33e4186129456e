package dev.tenzing.jmh;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.Cost;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A CPU device and arrays for its kernels. JMH's own threads stay one: the device has as many as it
 * is given. Short by default; {@code -f 3 -i 10} makes it thorough, and where others keep the
 * compiler from the processors {@code -wi 20} lets it finish before the clock starts.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public abstract class KernelBenchmark {
  /** Threads of the device. */
  @Param({"1", "2"})
  public int threads;

  private final SplittableRandom random = new SplittableRandom(1);
  private Device device;
  // That of the one method this object runs.
  private Cost cost;

  /** Opens the device and makes the arrays. */
  @Setup(Level.Trial)
  public void open() {
    device = Device.cpu(threads);
    allocate();
  }

  /** Gives everything back. */
  @TearDown(Level.Trial)
  public void close() {
    device.close();
  }

  /** Makes the arrays of all methods. */
  abstract void allocate();

  /** Calls a kernel and counts what it cost. */
  final void run(Rate rate, Consumer<Kernels> call) {
    if (cost == null) {
      call.accept(
          Kernels.of((arguments, kernel) -> {
            cost = arguments.cost();
            return null;
          }));
    }
    call.accept(device.kernels());
    rate.add(cost);
  }

  /** An F32 array of numbers from -0.5 to 0.5. */
  final long floats(long... dims) {
    Tensor tensor = device.persistent(DType.F32, Shape.of(dims));
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    tensor.copyFrom(values);
    return tensor.address();
  }

  /** An F32 array of one number. */
  final long full(float value, long size) {
    Tensor tensor = device.persistent(DType.F32, Shape.of(size));
    device
        .kernels()
        .pointwise()
        .fill(new PointwiseKernels.Fill(Operand.f32(tensor.address()), value, size));
    return tensor.address();
  }

  /** An array of zeros. */
  final long zeros(DType type, long... dims) {
    Tensor tensor = device.persistent(type, Shape.of(dims));
    device
        .kernels()
        .pointwise()
        .fill(
            new PointwiseKernels.Fill(
                Operand.f32(tensor.address()), 0, tensor.bytes() / Float.BYTES));
    return tensor.address();
  }

  /** {@code rows} ascending rows of {@code count} different I32 indices below {@code limit}. */
  final long indices(int rows, int count, int limit) {
    int[] values = new int[rows * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) ((long) (i % count) * limit / count);
    }
    Tensor tensor = device.persistent(DType.I32, Shape.of(rows, count));
    tensor.copyFrom(MemorySegment.ofArray(values));
    return tensor.address();
  }
}
