package dev.tenzing.engine.cpu.vector;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that runs one parallel region at a time; the calling thread is worker 0.
 *
 * <p>A region is a number of independent tasks. Tasks are handed out dynamically, so a kernel's
 * result is the same for every number of threads exactly when each task writes its own output and
 * no task's arithmetic depends on how many tasks or workers there are. Kernels must therefore cut
 * work by shape, never by {@link #workers()}.
 */
public final class WorkerPool implements AutoCloseable {
  /** One task of a region. */
  @FunctionalInterface
  public interface Body {
    /**
     * @param task index of the task, 0 to tasks - 1
     * @param worker index of the worker that runs it, 0 to workers - 1; names its scratch memory
     */
    void run(int task, int worker);
  }

  private static final long NUMBER = 1L << 32;
  private static final long OPEN = 1L << 31;
  private static final long INSIDE = OPEN - 1;

  // A region follows the last within microseconds during a step, so a worker spins this often
  // before it parks.
  private static final int SPINS = 4_000;

  private final Thread[] threads;
  private final int workers;
  private final AtomicInteger next = new AtomicInteger();
  // Number of the region (upper half), whether it is open to workers, how many are inside. A worker
  // that wakes up too late finds it closed, so a small region never waits for one.
  private final AtomicLong region = new AtomicLong();
  private volatile boolean closed;
  private volatile Throwable failure;
  private int tasks;
  private Body body;
  private final long[] scratchBytes;
  private final long[] scratchAddress;
  private final Arena[] scratchArena;

  /** A pool of {@code workers} (at least 1), the caller included. */
  public WorkerPool(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + workers);
    }
    this.workers = workers;
    scratchBytes = new long[workers + 1];
    scratchAddress = new long[workers + 1];
    scratchArena = new Arena[workers + 1];
    threads = new Thread[workers - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("tenzing-worker-" + worker).start(() -> work(worker));
    }
  }

  /** Threads that take part, the caller included. */
  public int workers() {
    return workers;
  }

  /**
   * Runs {@code body} for every task and returns when all are done. The first exception of a task
   * is thrown here.
   */
  public void run(int tasks, Body body) {
    if (tasks <= 0) {
      return;
    }
    if (tasks == 1 || workers == 1) {
      for (int task = 0; task < tasks; task++) {
        body.run(task, 0);
      }
      return;
    }
    this.tasks = tasks;
    this.body = body;
    failure = null;
    next.set(0);
    region.set((region.get() & -NUMBER) + NUMBER + OPEN);
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    drain(0);
    region.addAndGet(-OPEN);
    for (int spins = 0; (region.get() & INSIDE) != 0; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    this.body = null;
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private void drain(int worker) {
    try {
      for (int task = next.getAndIncrement(); task < tasks; task = next.getAndIncrement()) {
        body.run(task, worker);
      }
    } catch (RuntimeException | Error e) {
      failure = e;
      next.set(tasks);
    }
  }

  private void work(int worker) {
    long seen = 0;
    int spins = 0;
    while (!closed) {
      long now = region.get();
      long number = now & -NUMBER;
      if (number == seen || (now & OPEN) == 0) {
        if (++spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      } else if (region.compareAndSet(now, now + 1)) {
        drain(worker);
        region.decrementAndGet();
        seen = number;
        spins = 0;
      }
    }
  }

  /**
   * 64-byte aligned scratch memory of one worker, at least {@code bytes} long; it lives until the
   * next larger request of the same worker.
   */
  public long scratch(int worker, long bytes) {
    if (scratchBytes[worker] < bytes) {
      if (scratchArena[worker] != null) {
        scratchArena[worker].close();
      }
      scratchArena[worker] = Arena.ofShared();
      scratchAddress[worker] = scratchArena[worker].allocate(bytes, 64).address();
      scratchBytes[worker] = bytes;
    }
    return scratchAddress[worker];
  }

  /** Scratch memory that all workers share; ask for it before the region starts. */
  public long sharedScratch(long bytes) {
    return scratch(workers, bytes);
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    for (int i = 0; i < scratchArena.length; i++) {
      if (scratchArena[i] != null) {
        scratchArena[i].close();
        scratchArena[i] = null;
        scratchBytes[i] = 0;
      }
    }
  }
}
