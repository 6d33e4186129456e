package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  private static final Map<String, String> METADATA =
      new LinkedHashMap<>(Map.of("kind", "test", "note", "\"quoted\"\n\u00e9\ud83d\ude00"));

  @TempDir Path folder;

  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "bytes",
        device.tensor(DType.U8, Shape.of(3), MemorySegment.ofArray(new byte[] {1, -1, 7})));
    tensors.put("b.weight", device.tensor(Shape.of(2, 3), 1, -2, 3.5f, 1e-30f, Float.NaN, -0f));
    tensors.put("a.index", device.tensor(Shape.of(2), new int[] {-5, 1 << 30}));
    tensors.put("scalar", device.tensor(Shape.SCALAR, 42f));
    tensors.put("empty", device.tensor(Shape.of(0, 4)));
    tensors.put(
        "long",
        device.tensor(
            DType.I64, Shape.of(1), MemorySegment.ofArray(new long[] {Long.MIN_VALUE + 1})));
    return tensors;
  }

  // ---- what is written is read
  // ---------------------------------------------------------------------------------------------------------

  @Test
  void everyStoredTypeIsCopiedBitForBit() throws IOException {
    Path path = folder.resolve("types.safetensors");
    byte[] bytes = new byte[48];
    new SplittableRandom(5).nextBytes(bytes);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (StoredType type : StoredType.values()) {
      tensors.put(
          type.name(),
          new StoredTensor(
              "a " + type,
              type,
              Shape.of(3, 16 / type.bytes()),
              () -> MemorySegment.ofArray(bytes)));
    }
    SafetensorsWriter.writeStored(path, tensors, Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      for (StoredType type : StoredType.values()) {
        StoredTensor read = file.tensor(type.name());
        assertEquals(type, read.type());
        assertEquals(tensors.get(type.name()).shape(), read.shape());
        assertArrayEquals(bytes, read.bytes().toArray(ValueLayout.JAVA_BYTE));
        StoredTensor again =
            StoredTensor.concat(List.of(read.rows(0, 1), read.rows(1, 0), read.rows(1, 2)));
        assertEquals(read.shape(), again.shape());
        assertArrayEquals(bytes, again.bytes().toArray(ValueLayout.JAVA_BYTE), "in parts");
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> StoredTensor.concat(List.of(file.tensor("F32"), file.tensor("I32"))));
    }
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = folder.resolve("a.safetensors");
    Map<String, Tensor> tensors = tensors();
    SafetensorsWriter.write(path, tensors, METADATA);
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(METADATA, file.metadata());
      assertEquals(tensors.keySet(), Set.copyOf(file.names()));
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        assertEquals(tensor.dtype(), file.tensor(entry.getKey()).type().dtype());
        assertEquals(tensor.shape(), file.shape(entry.getKey()));
        byte[] expected = new byte[(int) tensor.bytes()];
        tensor.copyTo(MemorySegment.ofArray(expected));
        MemorySegment actual = file.tensor(entry.getKey()).bytes();
        assertArrayEquals(expected, actual.toArray(ValueLayout.JAVA_BYTE), entry.getKey());
        assertEquals(0, actual.address() % tensor.dtype().bytes(), "alignment of " + entry);
      }
      assertArrayEquals(new double[] {1, 255, 7}, file.toDoubles("bytes"));
      assertArrayEquals(new long[] {Long.MIN_VALUE + 1}, file.toLongs("long"));
      assertArrayEquals(
          tensors.get("b.weight").toFloats(), file.toTensor(device, "b.weight").toFloats());
    }
  }

  @Test
  void theSameTensorsGiveTheSameBytes() throws IOException {
    Path first = folder.resolve("1.safetensors");
    Path second = folder.resolve("2.safetensors");
    SafetensorsWriter.write(first, tensors(), METADATA);
    SafetensorsWriter.write(second, tensors(), METADATA);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @Test
  void largeTensorsAreWrittenInPieces() throws IOException {
    Path path = folder.resolve("large.safetensors");
    Tensor large = device.full(Shape.of(5_000_001), 0.25f);
    SafetensorsWriter.write(path, Map.of("large", large), Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(large.toFloats(), file.toFloats("large"));
    }
  }

  @Test
  void narrowTypesAreWidened() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(1e300).putDouble(0.1);
    data.putShort((short) 0x3c00).putShort((short) 0xc580); // F16: 1, -5.5
    data.putShort((short) 0x3f80).putShort((short) 0xc0b0); // BF16: 1, -5.5
    Path path =
        file(
            "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                + "\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[16,20]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[20,24]}}",
            data.array());
    try (Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(new double[] {1e300, 0.1}, file.toDoubles("d"));
      assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, 0.1f}, file.toFloats("d"));
      assertArrayEquals(new float[] {1, -5.5f}, file.toFloats("h"));
      assertArrayEquals(new float[] {1, -5.5f}, file.toTensor(device, "b").toFloats());
    }
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    SafetensorsWriter.write(path, tensors(), METADATA);
    byte[] before = Files.readAllBytes(path);
    Map<String, Tensor> broken = tensors();
    broken.get("long").close();
    assertThrows(
        IllegalStateException.class, () -> SafetensorsWriter.write(path, broken, METADATA));
    assertArrayEquals(before, Files.readAllBytes(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
    CannotWriteException nowhere =
        assertThrows(
            CannotWriteException.class,
            () -> SafetensorsWriter.write(folder.resolve("no/a.safetensors"), tensors(), METADATA));
    assertInstanceOf(NoSuchFileException.class, nowhere.getCause());
    assertEquals(
        "cannot write %s: there is no folder %s"
            .formatted(folder.resolve("no/a.safetensors"), folder.resolve("no")),
        nowhere.getMessage());
  }

  @Test
  void aTensorMayNotBeCalledMetadata() {
    Map<String, Tensor> tensors = Map.of("__metadata__", device.full(Shape.SCALAR, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(folder.resolve("a"), tensors, Map.of()));
  }

  // ---- hostile files
  // -------------------------------------------------------------------------------------------------------------------

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"a\":{\"dtype\":"
        + dtype
        + ",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}}";
  }

  private static String two(String firstOffsets, String secondOffsets) {
    String part = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
    return "{\"a\":" + part + firstOffsets + "},\"b\":" + part + secondOffsets + "}}";
  }

  static Stream<Arguments> badHeaders() {
    return Stream.of(
        Arguments.of("not JSON", "{\"a\":"),
        Arguments.of("an object is expected", "[]"),
        Arguments.of("lacks dtype, shape or data_offsets", "{\"a\":1}"),
        Arguments.of("lacks dtype, shape or data_offsets", "{\"a\":{}}"),
        Arguments.of("lacks dtype, shape or data_offsets", tensor("\"F32\"", "[4]", "[0]")),
        Arguments.of("lacks dtype, shape or data_offsets", tensor("\"F32\"", "[4]", "[0,16,32]")),
        Arguments.of("lacks dtype, shape or data_offsets", tensor("7", "[4]", "[0,16]")),
        Arguments.of("lacks dtype, shape or data_offsets", tensor("\"F32\"", "4", "[0,16]")),
        Arguments.of("unsupported type \"F8_E4M3\"", tensor("\"F8_E4M3\"", "[16]", "[0,16]")),
        Arguments.of("is given 16 bytes", tensor("\"F32\"", "[5]", "[0,16]")),
        Arguments.of("is given 16 bytes", tensor("\"F64\"", "[4]", "[0,16]")),
        Arguments.of("is given 16 bytes", tensor("\"U8\"", "[]", "[0,16]")),
        Arguments.of("of 16 bytes", tensor("\"F32\"", "[8]", "[0,32]")),
        Arguments.of("of 16 bytes", tensor("\"F32\"", "[4]", "[16,0]")),
        Arguments.of("natural number", tensor("\"F32\"", "[-4]", "[0,16]")),
        Arguments.of("natural number", tensor("\"F32\"", "[4.0]", "[0,16]")),
        Arguments.of("natural number", tensor("\"F32\"", "[\"4\"]", "[0,16]")),
        Arguments.of("natural number", tensor("\"F32\"", "[null]", "[0,16]")),
        Arguments.of("natural number", tensor("\"F32\"", "[4]", "[-16,0]")),
        Arguments.of("natural number", tensor("\"F32\"", "[4]", "[0,99999999999999999999]")),
        Arguments.of("2^63", tensor("\"F32\"", "[4294967296,4294967296]", "[0,0]")),
        Arguments.of("is given 0 bytes", tensor("\"F32\"", "[2147483648,2147483648]", "[0,0]")),
        Arguments.of("is given 0 bytes", tensor("\"F64\"", "[2305843009213693952]", "[0,0]")),
        Arguments.of("starts at byte 4 where 8 is expected", two("[0,8]", "[4,12]")),
        Arguments.of("starts at byte 0 where 8 is expected", two("[0,8]", "[0,8]")),
        Arguments.of("starts at byte 8 where 0 is expected", two("[8,16]", "[8,16]")),
        Arguments.of("8 bytes follow the last tensor", tensor("\"F32\"", "[2]", "[0,8]")),
        Arguments.of("65 dimensions", tensor("\"F32\"", "[" + "1,".repeat(64) + "4]", "[0,16]")),
        Arguments.of("tensor \"a\ufffdb\" lacks", "{\"a\\nb\":1}"),
        Arguments.of("\u2026\" lacks", "{\"" + "x".repeat(10_000) + "\":1}"),
        Arguments.of("more than 2,000,000 values", "[" + "0,".repeat(2_000_000) + "0]"),
        Arguments.of("appears twice", "{\"a\":1,\"a\":2}"),
        Arguments.of("metadata is not an object", "{\"__metadata__\":[]}"),
        Arguments.of("metadata \"k\" is not a string", "{\"__metadata__\":{\"k\":1}}"));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void badHeadersAreRejected(String defect, String header) throws IOException {
    assertRejected(
        file(header, new byte[16]), defect.equals("not JSON") ? "not valid JSON" : defect);
  }

  @Test
  void badLengthsAreRejected() throws IOException {
    assertRejected(raw(new byte[0]), "0 bytes");
    assertRejected(raw(new byte[7]), "7 bytes");
    for (long length : new long[] {0, 1, 100, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      assertRejected(raw(bytes.array()), Long.toUnsignedString(length) + " bytes");
    }
    assertRejected(folder.resolve("missing"), "there is no file");
    assertRejected(folder, "there is no file");
  }

  @Test
  void aHugeHeaderIsRejectedBeforeItIsRead() throws IOException {
    Path path = folder.resolve("sparse.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(3L << 30);
      file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(2L << 30).array());
    }
    assertRejected(path, "longer than");
  }

  @Test
  void aHeaderThatIsNotUtf8IsRejected() throws IOException {
    byte[] header = "{\"\u00e9\":1}".getBytes(StandardCharsets.ISO_8859_1);
    assertRejected(file(header, new byte[0]), "UTF-8");
  }

  private static void assertRejected(Path path, String defect) {
    String message =
        assertThrows(SafetensorsException.class, () -> Safetensors.open(path)).getMessage();
    assertTrue(message.contains(path.toString()), "names the file: " + message);
    assertTrue(message.contains(defect), "names the defect: " + message);
  }

  private Path file(String header, byte[] data) throws IOException {
    return file(header.getBytes(StandardCharsets.UTF_8), data);
  }

  private Path file(byte[] header, byte[] data) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return raw(bytes.putLong(header.length).put(header).put(data).array());
  }

  private Path raw(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("raw.safetensors"), bytes);
  }
}
