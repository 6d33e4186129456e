package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.TokenKernels;

/**
 * Moving token rows. Gathered tokens have the type of activations, rows of tables are F32. An index
 * out of range reads and writes nothing; see tokens.cu.
 */
final class Tokens implements TokenKernels {
  private static final int THREADS = 256;
  private static final int ROWS = THREADS / 32;

  private final Launcher launcher;
  private final Typed<KernelFunction> gather;
  private final Typed<KernelFunction> gatherBackward;
  private final KernelFunction clearPlaces;
  private final KernelFunction places;
  private final KernelFunction addRows;
  private final KernelFunction copy16;
  private final KernelFunction copy4;
  private final KernelFunction copy1;

  Tokens(Launcher launcher) {
    this.launcher = launcher;
    String file = "tokens";
    gather = Typed.function(launcher, file, "gather_tokens");
    gatherBackward = Typed.function(launcher, file, "gather_tokens_backward");
    clearPlaces = launcher.function(file, "gather_places_clear");
    places = launcher.function(file, "gather_places");
    addRows = launcher.function(file, "add_rows");
    copy16 = launcher.function(file, "copy_rows_16");
    copy4 = launcher.function(file, "copy_rows_4");
    copy1 = launcher.function(file, "copy_rows_1");
  }

  @Override
  public long firstOutOfRange(FirstOutOfRange call) {
    return -1; // The kernels guard: asking would make the host wait.
  }

  @Override
  public void gather(GatherTokens call) {
    int M = call.M();
    int C = call.C();
    long rows = (long) call.B() * M;
    Packs.rows(gather.of(call.y()), rows, C)
        .arg(call.x())
        .arg(call.index())
        .arg(call.y())
        .arg(rows)
        .arg(call.N())
        .arg(M)
        .arg(C)
        .launch();
  }

  @Override
  public void gatherBackward(GatherTokensBackward call) {
    int B = call.B();
    int N = call.N();
    int M = call.M();
    long rows = (long) B * M;
    long tokens = (long) B * N;
    long first = launcher.scratch(8 * tokens);
    long last = first + 4 * tokens;
    Packs.threads(clearPlaces, tokens).arg(first).arg(last).arg(tokens).arg(M).launch();
    Packs.threads(places, rows)
        .arg(call.index())
        .arg(first)
        .arg(last)
        .arg(rows)
        .arg(N)
        .arg(M)
        .launch();
    gatherBackward
        .of(call.dx())
        .grid(Math.ceilDiv(tokens, ROWS))
        .block(THREADS)
        .arg(call.dy())
        .arg(call.index())
        .arg(first)
        .arg(last)
        .arg(call.dx())
        .arg(tokens)
        .arg(N)
        .arg(M)
        .arg(call.C())
        .arg(call.dx().accumulate())
        .launch();
  }

  @Override
  public void addRows(AddRows call) {
    int M = call.M();
    int C = call.C();
    long rows = (long) call.B() * M;
    Packs.rows(addRows, rows, C)
        .arg(call.x())
        .arg(call.xStride())
        .arg(call.table())
        .arg(call.index())
        .arg(call.y())
        .arg(rows)
        .arg(call.N())
        .arg(M)
        .arg(C)
        .launch();
  }

  /** In the largest units that all addresses and sizes are multiples of. */
  @Override
  public void copyRows(CopyRows call) {
    long source = call.source();
    long sourceStride = call.sourceStride();
    long target = call.target();
    long targetStride = call.targetStride();
    long rows = call.rows();
    long rowBytes = call.rowBytes();
    if (rowBytes == 0) {
      return;
    }
    long all = source | sourceStride | target | targetStride | rowBytes;
    int unit = all % 16 == 0 ? 16 : all % 4 == 0 ? 4 : 1;
    KernelFunction kernel = unit == 16 ? copy16 : unit == 4 ? copy4 : copy1;
    Packs.threads(kernel, rows * (rowBytes / unit))
        .arg(source)
        .arg(sourceStride / unit)
        .arg(target)
        .arg(targetStride / unit)
        .arg(rows)
        .arg(rowBytes / unit)
        .launch();
  }
}
