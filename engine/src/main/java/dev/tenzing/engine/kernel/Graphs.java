package dev.tenzing.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * What a back end offers that can record work and run it again without the host's part in it, and
 * that works on while the host does something else.
 */
public interface Graphs {
  /** From now on kernels do not run but are recorded. */
  void begin();

  /**
   * Ends the recording.
   *
   * @return what was recorded
   */
  Graph end();

  /** Forgets what was recorded; after a failure. */
  void abandon();

  /** Recorded work. */
  interface Graph extends AutoCloseable {
    /** Puts the work behind all that the device has to do. */
    void launch();

    @Override
    void close();
  }

  /**
   * A way from the host to the device for values that are made anew again and again. While the
   * device works with some, the next can be made and be under way.
   *
   * @param target device memory in which the values arrive, in the order of the device's work
   * @param staging device memory of that size in which they wait until they may
   * @param bytes its size
   */
  Inlet inlet(long target, long staging, long bytes);

  /** See {@link Graphs#inlet}. */
  interface Inlet extends AutoCloseable {
    /**
     * Memory of the host to write the next values to; it has what was written some sends ago. Waits
     * while those are under way. The same until {@link #send}.
     */
    MemorySegment host();

    /** Writes values at an offset of {@link #host()} that every later send carries. */
    void preset(long offset, MemorySegment values);

    /** Sends the first bytes of {@link #host()}; work put on the device from now on sees them. */
    void send(long bytes);

    @Override
    void close();
  }

  /** A way for values to the host that makes no caller wait before they are asked for. */
  Outlet outlet(long bytes);

  /** See {@link Graphs#outlet}. */
  interface Outlet extends AutoCloseable {
    /** Copies device memory to a place in the outlet, behind all that the device has to do. */
    void fetch(long source, long offset, long bytes);

    /** What was fetched; waits until it is there. */
    MemorySegment host();

    @Override
    void close();
  }
}
