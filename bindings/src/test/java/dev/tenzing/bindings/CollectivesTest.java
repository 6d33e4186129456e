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
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Calls Open MPI and NCCL where they are installed; neither needs a GPU for this. */
class CollectivesTest {
  /** What may be called before MPI is initialised, which would end the process where it fails. */
  @Test
  void openMpiSaysItsVersionAndHasTheHandles() {
    assumeTrue(
        load("libmpi.so.40"), "no libmpi.so.40 (Open MPI) in LD_LIBRARY_PATH or the usual folders");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(Mpi.MPI_MAX_LIBRARY_VERSION_STRING());
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      assertEquals(Mpi.MPI_SUCCESS(), Mpi.MPI_Get_library_version(version, number));
      assertTrue(version.getString(0).startsWith("Open MPI v"), version.getString(0));
      assertEquals(Mpi.MPI_SUCCESS(), Mpi.MPI_Initialized(number));
      assertEquals(0, number.get(ValueLayout.JAVA_INT, 0));
    }
    SymbolLookup symbols = SymbolLookup.loaderLookup();
    for (String handle :
        List.of(
            "comm_world", "byte", "int64_t", "float", "double", "op_sum", "op_min", "op_max",
            "errors_return", "info_null")) {
      assertTrue(symbols.find("ompi_mpi_" + handle).isPresent(), handle);
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
}
