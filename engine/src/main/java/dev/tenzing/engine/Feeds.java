package dev.tenzing.engine;

import dev.tenzing.engine.kernel.Graphs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the host gives to each replay of a captured step. Small feeds lie side by side in one
 * buffer, so that a replay takes a few copies however many there are.
 */
final class Feeds implements AutoCloseable {
  private static final long BUFFER = 1 << 20;
  private static final long ALIGNMENT = 256;

  /** Device memory that tensors lie in, and the way to it. */
  private static final class Buffer {
    final Storage live;
    final Storage staging;
    final Graphs.Inlet inlet;
    final long bytes;
    long used;

    Buffer(Device device, Graphs graphs, long bytes) {
      this.bytes = bytes;
      live = device.block(bytes);
      staging = device.block(bytes);
      inlet = graphs.inlet(live.address, staging.address, bytes);
    }

    boolean hasRoom(long bytes) {
      return bytes <= this.bytes - used;
    }

    void close() {
      inlet.close();
      live.release();
      staging.release();
    }
  }

  private record Place(Buffer buffer, long offset, long bytes) {
    MemorySegment host() {
      return buffer.inlet.host().asSlice(offset, bytes);
    }
  }

  private record Feed(Place place, Shape shape, Supplier<MemorySegment> source) {}

  private final Device device;
  private final Graphs graphs;
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Feed> feeds = new ArrayList<>();

  Feeds(Device device, Graphs graphs) {
    this.device = device;
    this.graphs = graphs;
  }

  Tensor feed(Scope scope, DType dtype, Shape shape, Supplier<MemorySegment> source) {
    Place place = place(shape.size() * dtype.bytes());
    feeds.add(new Feed(place, shape, source));
    return tensor(scope, dtype, shape, place);
  }

  Tensor constant(Scope scope, DType dtype, Shape shape, MemorySegment values) {
    Place place = place(shape.size() * dtype.bytes());
    check(place, shape, values);
    place.buffer.inlet.preset(place.offset, values);
    return tensor(scope, dtype, shape, place);
  }

  private Place place(long bytes) {
    Buffer buffer = null;
    for (Buffer candidate : buffers) {
      buffer = candidate.hasRoom(bytes) ? candidate : buffer;
    }
    if (buffer == null) {
      buffer = new Buffer(device, graphs, Math.max(BUFFER, bytes));
      buffers.add(buffer);
    }
    Place place = new Place(buffer, buffer.used, bytes);
    buffer.used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
  }

  private Tensor tensor(Scope scope, DType dtype, Shape shape, Place place) {
    long at = place.buffer.live.address + place.offset;
    // Its memory is the buffer's: there is nothing to give back when the tensor is closed.
    Storage storage = Storage.within(at);
    return new Tensor(device, shape, dtype, storage, at, scope);
  }

  private static void check(Place place, Shape shape, MemorySegment values) {
    if (values.byteSize() != place.bytes) {
      throw new ShapeException(
          "feed: shape "
              + shape
              + " needs "
              + place.bytes
              + " bytes, the source gives "
              + values.byteSize());
    }
  }

  /** Asks every source for the values of this step and sends them. */
  void send() {
    for (Feed feed : feeds) {
      MemorySegment values = feed.source.get();
      check(feed.place, feed.shape, values);
      feed.place.host().copyFrom(values);
    }
    for (Buffer buffer : buffers) {
      buffer.inlet.send(Math.min(buffer.used, buffer.bytes));
    }
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
  }
}
