package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.RankingKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long rows when scratch holds none, two or all of them at a time. */
@Tag("cuda")
class RankingTest {
  @TempDir static Path compiled;

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 5})
  void rowsAreSortedAsManyAsFit(int atOnce) {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    int M = 5;
    int N = 4100;
    CudaLibraries libraries = StandIns.libraries();
    CudaDevice device = CudaDevices.query(libraries).require(0);
    String architecture = "sm_" + device.computeMajor() + device.computeMinor();
    KernelCompiler compiler =
        new KernelCompiler(
            architecture, libraries.require(CudaLibrary.NVRTC), new KernelCache(compiled));
    try (CudaContext context = new CudaContext(device);
        CudaStream stream = new CudaStream(context);
        Arena arena = Arena.ofConfined()) {
      CudaMemory memory = new CudaMemory(stream);
      MemorySegment keys = arena.allocate(ValueLayout.JAVA_FLOAT, (long) M * N);
      Random random = new Random(atOnce);
      for (int i = 0; i < M * N; i++) {
        keys.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(1000));
      }
      MemorySegment order = arena.allocate(ValueLayout.JAVA_INT, (long) M * N);
      long bytes = 4L * M * N;
      long keysThere = memory.allocate(bytes);
      long orderThere = memory.allocate(bytes);
      memory.copyIn(keys, keysThere);
      try (Launcher launcher = new Launcher(stream, memory, compiler, false)) {
        new Ranking(launcher, atOnce * 8192L * Long.BYTES)
            .argsort(
                new RankingKernels.Argsort(
                    Operand.f32(keysThere), Operand.i32(orderThere), M, N, false));
        memory.copyOut(orderThere, order);
      }
      memory.free(keysThere, bytes);
      memory.free(orderThere, bytes);
      for (int i = 0; i < M * N; i++) {
        int place = order.getAtIndex(ValueLayout.JAVA_INT, i);
        if (i % N > 0) {
          int before = order.getAtIndex(ValueLayout.JAVA_INT, i - 1);
          float here = keys.getAtIndex(ValueLayout.JAVA_FLOAT, i / N * N + place);
          float there = keys.getAtIndex(ValueLayout.JAVA_FLOAT, i / N * N + before);
          assertTrue(there < here || there == here && before < place, "at " + i);
        }
      }
    }
  }
}
