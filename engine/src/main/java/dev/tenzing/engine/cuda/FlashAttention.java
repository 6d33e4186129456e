package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.AttentionKernels;
import dev.tenzing.engine.kernel.Operand;

/**
 * Multi-head attention that never stores N x N (Dao et al., "FlashAttention", 2022): {@code
 * attention.cu} in float arithmetic for every head size, {@code attention_bf16.cu} on tensor cores
 * for heads of at most 128 columns.
 */
final class FlashAttention implements AttentionKernels {
  /** Queries and keys a block of the float kernels handles at a time, and threads. */
  private static final int TILE = 64;

  private static final int THREADS = 256;

  /** Shared memory for 64 rows of 64 columns of floats. */
  private static final int BUFFER = TILE * (TILE + 4) * Float.BYTES;

  private final Launcher launcher;
  private final Floats narrow;
  private final Floats wide;
  private final Floats general;
  private final TensorCores[] sizes;
  private final KernelFunction backwardRows;

  FlashAttention(Launcher launcher) {
    this.launcher = launcher;
    narrow = new Floats(launcher, "f32_64", "f32", TILE);
    wide = new Floats(launcher, "f32_128", "f32", 2 * TILE);
    general = new Floats(launcher, "bf16_general", "bf16", 2 * TILE);
    sizes =
        new TensorCores[] {
          new TensorCores(launcher, 32, 5, 5, 4, 32),
          new TensorCores(launcher, 64, 5, 5, 4, 32),
          new TensorCores(launcher, 80, 5, 4, 4, 16),
          new TensorCores(launcher, 96, 4, 4, 4, 16),
          new TensorCores(launcher, 128, 4, 3, 4, 16)
        };
    backwardRows = launcher.function("attention_bf16", "attention_backward_rows_bf16");
  }

  @Override
  public void forward(Attention call) {
    TensorCores size = tensorCores(call.qkv(), call.N(), call.H(), call.D(), call.scale());
    if (size == null) {
      floats(call.qkv(), call.D()).forward(call);
    } else {
      size.forward(call);
    }
  }

  @Override
  public void backward(AttentionBackward call) {
    int N = call.N();
    TensorCores size = tensorCores(call.qkv(), N, call.H(), call.D(), call.scale());
    if (size == null) {
      floats(call.qkv(), call.D()).backward(launcher, call);
      return;
    }
    int padded = Math.ceilDiv(N, 32) * 32;
    long count = (long) call.B() * call.H() * padded;
    long rows = launcher.scratch(2 * count * Float.BYTES);
    backwardRows
        .grid(Math.ceilDiv(count, 32))
        .block(256)
        .arg(call.out())
        .arg(call.dout())
        .arg(call.lse())
        .arg(rows)
        .arg(count)
        .arg(N)
        .arg(padded)
        .arg(call.H())
        .arg(call.D())
        .launch();
    size.backward(call, rows, padded);
  }

  private Floats floats(Operand qkv, int D) {
    return qkv.type() == DType.BF16 ? general : D <= TILE ? narrow : wide;
  }

  /**
   * Null where the float kernels must do: for F32, and because those on tensor cores take maxima
   * before scaling and count a clip's elements in 32 bits, with a block more.
   */
  private TensorCores tensorCores(Operand qkv, int N, int H, int D, float scale) {
    if (qkv.type() == DType.BF16 && scale > 0 && (N + 256L) * 3 * H * D <= Integer.MAX_VALUE) {
      for (TensorCores size : sizes) {
        if (D <= size.columns) {
          return size;
        }
      }
    }
    return null;
  }

  /** The kernels of {@code attention.cu} that accumulate so many columns of a head in a block. */
  private record Floats(
      KernelFunction forward,
      KernelFunction products,
      KernelFunction queries,
      KernelFunction keys,
      int columns) {
    Floats(Launcher launcher, String name, String type, int columns) {
      this(
          launcher.function("attention", "attention_forward_" + name),
          launcher.function("attention", "attention_row_products_" + type),
          launcher.function("attention", "attention_backward_queries_" + name),
          launcher.function("attention", "attention_backward_keys_" + name),
          columns);
    }

    void forward(Attention call) {
      start(forward, call.B(), call.N(), call.H(), call.D())
          .shared(3 * BUFFER)
          .arg(call.qkv())
          .arg(call.out())
          .arg(call.lse())
          .arg(call.N())
          .arg(call.H())
          .arg(call.D())
          .arg(call.scale())
          .launch();
    }

    void backward(Launcher launcher, AttentionBackward call) {
      int N = call.N();
      int H = call.H();
      int D = call.D();
      long rows = (long) call.B() * H * N;
      long delta = launcher.scratch(rows * Float.BYTES);
      products
          .grid(Math.ceilDiv(rows, THREADS / 32))
          .block(THREADS)
          .arg(call.out())
          .arg(call.dout())
          .arg(delta)
          .arg(rows)
          .arg(N)
          .arg(H)
          .arg(D)
          .launch();
      for (KernelFunction half : new KernelFunction[] {queries, keys}) {
        start(half, call.B(), N, H, D)
            .shared(5 * BUFFER)
            .arg(call.qkv())
            .arg(call.dout())
            .arg(call.lse())
            .arg(delta)
            .arg(call.dqkv())
            .arg(N)
            .arg(H)
            .arg(D)
            .arg(call.scale())
            .launch();
      }
    }

    private KernelFunction start(KernelFunction kernel, int B, int N, int H, int D) {
      long blocks = (long) B * H * Math.ceilDiv(N, TILE);
      return kernel.grid(blocks, Math.ceilDiv(D, columns)).block(THREADS);
    }
  }

  /**
   * The kernels of {@code attention_bf16.cu} for heads padded to some number of columns.
   *
   * @param forwardWarps of a block at most; each has 32 queries
   * @param queriesWarps the same for dq
   * @param keysWarps the same for dk and dv; each has {@code keysRows} keys
   */
  private record TensorCores(
      KernelFunction forward,
      KernelFunction queries,
      KernelFunction keys,
      int columns,
      int forwardWarps,
      int queriesWarps,
      int keysWarps,
      int keysRows) {
    /** Rows of the other side in a tile; two pairs of tiles are in shared memory. */
    private static final int TILE_ROWS = 32;

    TensorCores(
        Launcher launcher,
        int columns,
        int forwardWarps,
        int queriesWarps,
        int keysWarps,
        int keysRows) {
      this(
          launcher.function("attention_bf16", "attention_forward_bf16_" + columns),
          launcher.function("attention_bf16", "attention_backward_queries_bf16_" + columns),
          launcher.function("attention_bf16", "attention_backward_keys_bf16_" + columns),
          columns,
          forwardWarps,
          queriesWarps,
          keysWarps,
          keysRows);
    }

    void forward(Attention call) {
      int warps = warps(call.N(), 32, forwardWarps);
      start(forward, call.B(), call.N(), call.H(), 32, warps)
          .shared(tiles(32 * warps))
          .arg(call.qkv())
          .arg(call.out())
          .arg(call.lse())
          .arg(call.N())
          .arg(call.H())
          .arg(call.D())
          .arg(call.scale())
          .launch();
    }

    /**
     * Gradients of all three.
     *
     * @param rows [B, H, 2, padded]
     */
    void backward(AttentionBackward call, long rows, int padded) {
      int N = call.N();
      int warps = warps(N, 32, queriesWarps);
      int shared = tiles(2 * 32 * warps) + 2 * 32 * warps * Float.BYTES;
      KernelFunction half = start(queries, call.B(), N, call.H(), 32, warps).shared(shared);
      launch(half, call, rows, padded);
      warps = warps(N, keysRows, keysWarps);
      shared = tiles(2 * keysRows * warps) + 4 * TILE_ROWS * Float.BYTES;
      half = start(keys, call.B(), N, call.H(), keysRows, warps).shared(shared);
      launch(half, call, rows, padded);
    }

    private static void launch(KernelFunction half, AttentionBackward call, long rows, int padded) {
      half.arg(call.qkv())
          .arg(call.dout())
          .arg(rows)
          .arg(call.dqkv())
          .arg(call.N())
          .arg(padded)
          .arg(call.H())
          .arg(call.D())
          .arg(call.scale())
          .launch();
    }

    /** As few blocks as {@code most} warps allow, and no more warps in each than these need. */
    private static int warps(int N, int rows, int most) {
      int needed = Math.ceilDiv(N, rows);
      return Math.ceilDiv(needed, Math.ceilDiv(needed, most));
    }

    private static KernelFunction start(
        KernelFunction kernel, int B, int N, int H, int rows, int warps) {
      return kernel.grid((long) B * H * Math.ceilDiv(N, rows * warps)).block(32 * warps);
    }

    /** Shared memory of so many rows and of the tiles, rows 8 elements apart. */
    private int tiles(int rows) {
      return (rows + 4 * TILE_ROWS) * (columns + 8) * Short.BYTES;
    }
  }
}
