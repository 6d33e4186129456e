package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What no compiler on this machine may notice: nvcc and the host's compiler take names from headers
 * that NVRTC does not have.
 */
class KernelFilesTest {
  private static final Pattern INCLUDE = Pattern.compile("^\\s*#\\s*include.*$", Pattern.MULTILINE);

  private static final Pattern FROM_HEADERS =
      Pattern.compile(
          "\\b(INFINITY|NAN|HUGE_VALF?|M_PI\\w*|M_SQRT\\w*|(FLT|DBL|U?INT|U?LONG|U?LLONG)_(MAX|MIN)"
              + "|(FLT|DBL)_EPSILON|u?int(8|16|32|64|ptr)_t|assert\\s*\\(|std::\\w+)");

  static List<String> families() throws IOException {
    return KernelFiles.families();
  }

  static Stream<String> sources() throws IOException {
    return Stream.concat(
        families().stream().map(family -> family + ".cu"), Stream.of("common.cuh"));
  }

  @ParameterizedTest
  @MethodSource("families")
  void onlyTheCommonHeaderIsIncluded(String family) throws IOException {
    String source = Files.readString(KernelFiles.FOLDER.resolve(family + ".cu"));
    List<String> includes = INCLUDE.matcher(source).results().map(match -> match.group()).toList();
    assertEquals(List.of("#include \"common.cuh\""), includes);
  }

  @ParameterizedTest
  @MethodSource("sources")
  void nothingComesFromHeadersThatNvrtcLacks(String file) throws IOException {
    String code = Files.readString(KernelFiles.FOLDER.resolve(file)).replaceAll("//[^\n]*", "");
    assertEquals(
        List.of(), FROM_HEADERS.matcher(code).results().map(match -> match.group()).toList());
  }

  @Test
  void thereAreKernels() throws IOException {
    assertFalse(families().isEmpty());
  }
}
