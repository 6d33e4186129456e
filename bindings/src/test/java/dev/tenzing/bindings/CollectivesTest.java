package dev.tenzing.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.bindings.mpi.Mpi;
import dev.tenzing.bindings.nccl.Nccl;
import dev.tenzing.bindings.nccl.ncclUniqueId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Calls Open MPI and NCCL where they are installed; neither needs a GPU for this. */
class CollectivesTest {
  @Test
  void openMpiSumsOverOneProcess() {
    assumeTrue(load("libmpi.so.40"), "no libmpi.so.40 (Open MPI) in LD_LIBRARY_PATH or the usual folders");
    SymbolLookup symbols = SymbolLookup.loaderLookup();
    MemorySegment world = symbols.findOrThrow("ompi_mpi_comm_world");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment level = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment none = MemorySegment.NULL;
      succeeds(Mpi.MPI_Init_thread(none, none, Mpi.MPI_THREAD_FUNNELED(), level));
      assertTrue(level.get(ValueLayout.JAVA_INT, 0) >= Mpi.MPI_THREAD_FUNNELED());
      MemorySegment size = arena.allocate(ValueLayout.JAVA_INT);
      succeeds(Mpi.MPI_Comm_size(world, size));
      assertEquals(1, size.get(ValueLayout.JAVA_INT, 0));

      MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 1.5, -2.0);
      MemorySegment sums = arena.allocate(ValueLayout.JAVA_DOUBLE, 2);
      MemorySegment type = symbols.findOrThrow("ompi_mpi_double");
      MemorySegment sum = symbols.findOrThrow("ompi_mpi_op_sum");
      succeeds(Mpi.MPI_Allreduce(values, sums, 2, type, sum, world));
      assertEquals(1.5, sums.getAtIndex(ValueLayout.JAVA_DOUBLE, 0));
      assertEquals(-2.0, sums.getAtIndex(ValueLayout.JAVA_DOUBLE, 1));
      succeeds(Mpi.MPI_Bcast(values, 2, type, 0, world));
      succeeds(Mpi.MPI_Barrier(world));
      succeeds(Mpi.MPI_Finalize());
    }
  }

  @Test
  void ncclSaysItsVersionAndErrors() {
    assumeTrue(load("libnccl.so.2"), "no libnccl.so.2 in LD_LIBRARY_PATH or the usual folders");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      assertEquals(Nccl.ncclSuccess(), Nccl.ncclGetVersion(version));
      assertTrue(version.get(ValueLayout.JAVA_INT, 0) > 20000, "before NCCL 2");
      assertEquals(
          "unhandled system error (run with NCCL_DEBUG=INFO for details)",
          Nccl.ncclGetErrorString(Nccl.ncclSystemError()).getString(0));
      assertEquals(Nccl.NCCL_UNIQUE_ID_BYTES(), ncclUniqueId.sizeof());
    }
  }

  /** Loads the first file of this name there is; whether there is one. */
  private static boolean load(String library) {
    String distributions =
        ":/usr/lib/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu"
            + ":/usr/lib64:/usr/lib64/openmpi/lib:/usr/lib:/usr/local/lib";
    String folders = System.getenv().getOrDefault("LD_LIBRARY_PATH", "") + distributions;
    Optional<Path> file =
        Stream.of(folders.split(":"))
            .filter(folder -> !folder.isEmpty())
            .map(folder -> Path.of(folder, library).toAbsolutePath())
            .filter(Files::isRegularFile)
            .findFirst();
    file.ifPresent(path -> System.load(path.toString()));
    return file.isPresent();
  }

  private static void succeeds(int result) {
    assertEquals(Mpi.MPI_SUCCESS(), result);
  }
}
