package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.SUM;
import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.indices;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReductionKernels;
import dev.tenzing.engine.kernel.TokenKernels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sums over rows, and moving rows, against plain double loops, at sizes that are no multiple of a
 * vector.
 */
@Tag("kernels")
class RowKernelsTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,7", "3,7,13", "2,13,16", "1,17,17", "3,156,470", "2,4700,156"})
  void rowReductions(int B, int N, int C) {
    int n = B * N * C;
    float[] x = normal(1, n);
    float[] dy = normal(2, B * C);
    double[] sum = new double[C];
    double[] mean = new double[B * C];
    double[] dx = new double[n];
    double[] more = new double[n];
    for (int i = 0; i < n; i++) {
      int row = i / (N * C) * C + i % C;
      sum[i % C] += 2.0 * x[i];
      mean[row] += (double) x[i] / N;
      dx[i] = (double) dy[row] / N;
      more[i] = x[i] + dx[i];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long dys = rig.in(dy);
          long sums = rig.out(C);
          k.reductions()
              .sumRows(new ReductionKernels.SumRows(Operand.f32(xs), Operand.f32(sums), B * N, C));
          k.reductions()
              .sumRows(
                  new ReductionKernels.SumRows(
                      Operand.f32(xs), Operand.f32(sums).accumulating(true), B * N, C));
          k.reductions()
              .meanTokens(
                  new ReductionKernels.MeanTokens(
                      Operand.f32(xs), Operand.f32(rig.out(B * C)), B, N, C));
          k.reductions()
              .meanTokensBackward(
                  new ReductionKernels.MeanTokensBackward(
                      Operand.f32(dys), Operand.f32(rig.out(n)), B, N, C));
          k.reductions()
              .meanTokensBackward(
                  new ReductionKernels.MeanTokensBackward(
                      Operand.f32(dys), Operand.f32(rig.inOut(x)).accumulating(true), B, N, C));
        });
    assertClose(sum, results[0], SUM, "sum, twice");
    assertClose(mean, results[1], SUM, "mean");
    assertClose(dx, results[2], TIGHT, "dx");
    assertClose(more, results[3], TIGHT, "dx, accumulated");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "2,7,3,13", "3,17,16,17", "2,470,156,156", "4,156,470,7"})
  void gather(int B, int N, int M, int C) {
    float[] x = normal(1, B * N * C);
    float[] dy = normal(2, B * M * C);
    float[] table = normal(3, N * C);
    int[] index = indices(4, B * M, N);
    double[] y = new double[B * M * C];
    double[] dx = new double[B * N * C];
    double[] dxMore = new double[B * N * C];
    double[] added = new double[B * M * C];
    double[] token = new double[B * M * C];
    for (int i = 0; i < dxMore.length; i++) {
      dxMore[i] = x[i];
    }
    for (int i = 0; i < y.length; i++) {
      int row = i / C;
      int c = i % C;
      int from = (row / M * N + index[row]) * C + c;
      y[i] = x[from];
      dx[from] += dy[i];
      dxMore[from] += dy[i];
      added[i] = (double) dy[i] + table[index[row] * C + c];
      token[i] = x[c] + (double) table[index[row] * C + c];
    }
    float[][] results =
        KernelRig.run((k, rig) -> {
          long xs = rig.in(x);
          long dys = rig.in(dy);
          long tables = rig.in(table);
          long indices = rig.in(index);
          k.tokens()
              .gather(
                  new TokenKernels.GatherTokens(
                      Operand.f32(xs),
                      Operand.i32(indices),
                      Operand.f32(rig.out(B * M * C)),
                      B,
                      N,
                      M,
                      C));
          k.tokens()
              .gatherBackward(
                  new TokenKernels.GatherTokensBackward(
                      Operand.f32(dys),
                      Operand.i32(indices),
                      Operand.f32(rig.out(B * N * C)),
                      B,
                      N,
                      M,
                      C));
          k.tokens()
              .gatherBackward(
                  new TokenKernels.GatherTokensBackward(
                      Operand.f32(dys),
                      Operand.i32(indices),
                      Operand.f32(rig.inOut(x)).accumulating(true),
                      B,
                      N,
                      M,
                      C));
          k.tokens()
              .addRows(
                  new TokenKernels.AddRows(
                      Operand.f32(dys),
                      C,
                      Operand.f32(tables),
                      Operand.i32(indices),
                      Operand.f32(rig.out(B * M * C)),
                      B,
                      N,
                      M,
                      C));
          k.tokens()
              .addRows(
                  new TokenKernels.AddRows(
                      Operand.f32(xs),
                      0,
                      Operand.f32(tables),
                      Operand.i32(indices),
                      Operand.f32(rig.out(B * M * C)),
                      B,
                      N,
                      M,
                      C));
          long inPlace = rig.inOut(x);
          k.tokens()
              .addRows(
                  new TokenKernels.AddRows(
                      Operand.f32(inPlace),
                      C,
                      Operand.f32(tables),
                      Operand.NONE,
                      Operand.f32(inPlace),
                      B,
                      N,
                      N,
                      C));
        });
    assertClose(y, results[0], 0, "gather");
    assertClose(dx, results[1], SUM, "scatter");
    assertClose(dxMore, results[2], SUM, "scatter, accumulated");
    assertClose(added, results[3], TIGHT, "added rows");
    assertClose(token, results[4], TIGHT, "one token and rows");
    double[] positions = new double[B * N * C];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (double) x[i] + table[i % (N * C)];
    }
    assertClose(positions, results[5], TIGHT, "rows in order");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "7,16,17,13", "470,156,300,156", "3,70000,70001,69999"})
  void copyRows(int rows, int sourceStride, int targetStride, int width) {
    float[] x = normal(1, rows * sourceStride);
    float[] old = normal(2, rows * targetStride);
    float[] expected = old.clone();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, r * sourceStride, expected, r * targetStride, width);
    }
    float[][] results =
        KernelRig.run((k, rig) ->
            k.tokens()
                .copyRows(
                    new TokenKernels.CopyRows(
                        rig.in(x),
                        4L * sourceStride,
                        rig.inOut(old),
                        4L * targetStride,
                        rows,
                        4L * width)));
    assertArrayEquals(expected, results[0]);
  }
}
