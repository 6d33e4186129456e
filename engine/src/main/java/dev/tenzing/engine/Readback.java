package dev.tenzing.engine;

import dev.tenzing.engine.kernel.Graphs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers on their way from the device to the host, such as the loss of a step: {@link #fetch}
 * returns at once, and whoever asks for the {@link #values} later need not wait for the device.
 */
public final class Readback implements AutoCloseable {
  private final Device device;
  private final Graphs.Outlet outlet;
  private final float[] values;

  Readback(Device device, Graphs graphs, int count) {
    this.device = device;
    this.outlet = graphs == null ? null : graphs.outlet((long) Float.BYTES * count);
    this.values = new float[count];
  }

  /**
   * Fetches the value that the tensor will have when the device has done all that it has to do now.
   *
   * @param place where it goes in {@link #values}
   * @param scalar F32, of one element
   */
  public void fetch(int place, Tensor scalar) {
    if (scalar.size() != 1 || scalar.dtype() != DType.F32) {
      throw new ShapeException("fetch: needs one F32 element, got " + scalar);
    }
    long offset = (long) Float.BYTES * place;
    if (outlet == null) {
      MemorySegment target = MemorySegment.ofArray(values).asSlice(offset, Float.BYTES);
      device.copyOut(scalar.address(), target);
    } else {
      device.refuseCapture("a readback", "return the tensor and fetch the output of each replay");
      outlet.fetch(scalar.address(), offset, Float.BYTES);
    }
  }

  /** What was fetched; waits until the device has come to it. */
  public float[] values() {
    if (outlet != null) {
      MemorySegment.copy(outlet.host(), ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
    }
    return values.clone();
  }

  @Override
  public void close() {
    if (outlet != null) {
      outlet.close();
    }
  }
}
