package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.io.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pickles that ask for code, for endless work or for memory that is not there. */
@Timeout(20)
class HostilePickleTest {
  private static final Map<String, byte[]> NONE = Map.of();
  private static final long[] EMPTY = {};

  @TempDir Path folder;

  private void refused(String defect, Pickle pickle) throws IOException {
    refused(defect, pickle, NONE);
  }

  private void refused(String defect, Pickle pickle, Map<String, byte[]> records)
      throws IOException {
    Path path = pickle.zip(folder.resolve("hostile.pth"), records);
    TorchCheckpointTest.assertRefused(path, defect);
  }

  private TorchCheckpoint open(Pickle pickle, Map<String, byte[]> records) throws IOException {
    return TorchCheckpoint.open(pickle.zip(folder.resolve("good.pth"), records));
  }

  // ---- code
  // -----------------------------------------------------------------------------------------------------------------------------

  @Test
  void codeIsNeverCalledHoweverItIsAskedFor() throws IOException {
    String defect = "calls \"os.system\"";
    refused(
        defect, new Pickle().global("os", "system").text("true").op(Opcode.TUPLE1, Opcode.REDUCE));
    refused(
        defect,
        new Pickle()
            .text("os")
            .text("system")
            .op(Opcode.STACK_GLOBAL)
            .op(Opcode.EMPTY_TUPLE, Opcode.NEWOBJ));
    refused(
        defect,
        new Pickle()
            .global("os", "system")
            .op(Opcode.EMPTY_TUPLE, Opcode.EMPTY_DICT, Opcode.NEWOBJ_EX));
    refused(
        defect,
        new Pickle().op(Opcode.MARK, Opcode.INST, 'o', 's', '\n').op("system\n".chars().toArray()));
    refused(defect, new Pickle().op(Opcode.MARK).global("os", "system").op(Opcode.OBJ));
    refused(
        defect,
        new Pickle()
            .global("copyreg", "_reconstructor")
            .global("os", "system")
            .op(Opcode.NONE, Opcode.NONE, Opcode.TUPLE3, Opcode.REDUCE));
    refused(
        defect,
        new Pickle()
            .global("torch._tensor", "_rebuild_from_type_v2")
            .global("os", "system")
            .op(Opcode.NONE, Opcode.EMPTY_TUPLE, Opcode.TUPLE3, Opcode.REDUCE));
    refused(
        "calls \"argparse.Namespace\"",
        new Pickle()
            .global("argparse", "Namespace")
            .op(Opcode.EMPTY_TUPLE, Opcode.EMPTY_DICT)
            .text("a")
            .op(Opcode.NONE, Opcode.SETITEM, Opcode.NEWOBJ_EX));
    refused(
        "calls what is no global",
        new Pickle().text("os.system").op(Opcode.EMPTY_TUPLE, Opcode.REDUCE));
    refused(
        "gives a state to what takes none",
        new Pickle().global("os", "environ").op(Opcode.EMPTY_DICT, Opcode.BUILD));
    refused(
        "whole model",
        new Pickle()
            .text("module")
            .global("vit", "VisionTransformer")
            .op(Opcode.TUPLE2, Opcode.BINPERSID));
    refused(
        "a tensor that is not dense",
        new Pickle()
            .global("torch._utils", "_rebuild_sparse_tensor")
            .op(Opcode.EMPTY_TUPLE, Opcode.REDUCE));
    refused(
        "a global without a name",
        new Pickle().text("os\n").text("system").op(Opcode.STACK_GLOBAL));
    refused("unknown instruction 0x82", new Pickle().op(0x82, 1)); // an extension's code
    refused("unknown instruction 0x50", new Pickle().op('P')); // a name outside as text
  }

  @Test
  void aBareGlobalIsAName() throws IOException {
    Pickle pickle = new Pickle().op(Opcode.MARK).global("os", "system").op(Opcode.LIST);
    try (TorchCheckpoint file = open(pickle, NONE)) {
      assertEquals("[os.system]", file.root().toString());
    }
  }

  // ---- endless work
  // -----------------------------------------------------------------------------------------------------------------------------

  @Test
  void aValueThatHoldsItselfIsRefused() throws IOException {
    refused(
        "holds itself",
        new Pickle().op(Opcode.EMPTY_LIST, Opcode.BINPUT, 0, Opcode.BINGET, 0, Opcode.APPEND));
    refused(
        "holds itself",
        new Pickle()
            .op(Opcode.EMPTY_DICT, Opcode.BINPUT, 0)
            .text("me")
            .op(Opcode.BINGET, 0, Opcode.SETITEM));
    refused(
        "holds itself",
        new Pickle()
            .global("argparse", "Namespace")
            .op(Opcode.EMPTY_TUPLE, Opcode.NEWOBJ, Opcode.BINPUT, 0)
            .op(Opcode.BINGET, 0, Opcode.BUILD));
  }

  /** Each list holds the one before twice: 2^60 values in 300 bytes. */
  @Test
  void aThousandLaughsAreRefused() throws IOException {
    Pickle pickle = new Pickle().op(Opcode.EMPTY_LIST);
    for (int i = 0; i < 60; i++) {
      pickle.op(Opcode.BINPUT, 0, Opcode.BINGET, 0, Opcode.TUPLE2);
    }
    refused("unfolds into more than", pickle);
    Pickle keys = new Pickle().op(Opcode.EMPTY_DICT, Opcode.EMPTY_TUPLE);
    for (int i = 0; i < 60; i++) {
      keys.op(Opcode.BINPUT, 0, Opcode.BINGET, 0, Opcode.TUPLE2);
    }
    refused("as the key of a dict", keys.op(Opcode.NONE, Opcode.SETITEM));
  }

  @Test
  void depthIsBounded() throws IOException {
    Pickle pickle = new Pickle().op(Opcode.NONE);
    for (int i = 0; i < 100_000; i++) {
      pickle.op(Opcode.TUPLE1);
    }
    refused("nested more than 128 deep", pickle);
    Pickle calls = new Pickle();
    String[] rebuild = {"torch._tensor", "_rebuild_from_type_v2"};
    for (int i = 0; i < 20_000; i++) {
      calls.global(rebuild[0], rebuild[1]).op(Opcode.NONE);
    }
    calls.op(Opcode.EMPTY_TUPLE);
    for (int i = 0; i < 20_000; i++) {
      calls.op(Opcode.TUPLE3);
    }
    refused("calls what is no global", calls.op(Opcode.EMPTY_TUPLE, Opcode.REDUCE));
    Pickle nested = new Pickle().global(rebuild[0], rebuild[1]);
    for (int i = 0; i < 20_000; i++) {
      nested.global(rebuild[0], rebuild[1]).op(Opcode.NONE);
    }
    nested.op(Opcode.EMPTY_TUPLE);
    for (int i = 0; i < 20_000; i++) {
      nested.op(Opcode.TUPLE3);
    }
    refused("_rebuild_from_type_v2", nested.op(Opcode.REDUCE));
  }

  @Test
  void stepsAreBounded() throws IOException {
    int[] nothing = new int[5_000_000];
    Arrays.fill(nothing, Opcode.NONE);
    refused("steps, which no checkpoint needs", new Pickle().op(nothing));
    Pickle copies = new Pickle().op(Opcode.MARK);
    for (int i = 0; i < 10_000; i++) {
      copies.op(Opcode.NONE);
    }
    copies.op(Opcode.LIST, Opcode.TUPLE1, Opcode.BINPUT, 0).global("builtins", "list");
    copies.op(Opcode.BINPUT, 1);
    for (int i = 0; i < 10_000; i++) {
      copies.op(Opcode.BINGET, 1, Opcode.BINGET, 0, Opcode.REDUCE);
    }
    refused("steps, which no checkpoint needs", copies);
  }

  @Test
  void copiesOfBytesAreBounded() throws IOException {
    Pickle pickle = new Pickle().text("x".repeat(1 << 20)).text("latin1");
    pickle.op(Opcode.TUPLE2, Opcode.BINPUT, 0).global("_codecs", "encode");
    pickle.op(Opcode.BINPUT, 1);
    for (int i = 0; i < 10_000; i++) {
      pickle.op(Opcode.BINGET, 1, Opcode.BINGET, 0, Opcode.REDUCE);
    }
    refused("more bytes than the file has", pickle);
  }

  @Test
  void lengthsAreComparedWithTheFile() throws IOException {
    refused("where", new Pickle().sized(Opcode.BINUNICODE, 0xffffffffL, 4));
    refused("where", new Pickle().sized(Opcode.BINUNICODE8, Long.MAX_VALUE, 8));
    refused("where", new Pickle().sized(Opcode.BINBYTES8, -1, 8));
    refused("an integer of", new Pickle().sized(Opcode.LONG4, Integer.MAX_VALUE, 4));
    refused("an integer of", new Pickle().sized(Opcode.LONG4, -1, 4));
    refused("without digits", new Pickle().op("I12x4\n".chars().toArray()));
    refused("line of more", new Pickle().op(Opcode.LONG).op("1".repeat(9999).chars().toArray()));
    refused("protocol 6", new Pickle().op(Opcode.PROTO, 6));
  }

  @Test
  void theStackIsNeverLeft() throws IOException {
    for (int opcode = 0; opcode < 256; opcode++) {
      if (opcode != Opcode.STOP) {
        String message = "";
        Path path = new Pickle().op(opcode).zip(folder.resolve("a.pth"), NONE);
        try (TorchCheckpoint file = TorchCheckpoint.open(path)) {
          file.root();
        } catch (TorchException e) {
          message = e.getMessage();
        }
        assertTrue(message.isEmpty() || message.contains("a.pth"), message);
      }
    }
    refused("takes a value where there is none", new Pickle());
    refused("takes a value", new Pickle().op(Opcode.NONE, Opcode.MARK, Opcode.TUPLE1));
    refused("recalls value 7", new Pickle().op(Opcode.BINGET, 7));
    refused("appends to what is no list", new Pickle().op(Opcode.NONE, Opcode.NONE, Opcode.APPEND));
    refused(
        "sets items",
        new Pickle().op(Opcode.EMPTY_DICT, Opcode.MARK, Opcode.NONE, Opcode.SETITEMS));
  }

  // ---- tensors
  // -----------------------------------------------------------------------------------------------------------------------------

  @Test
  void tensorsLieInsideTheirStorage() throws IOException {
    Map<String, byte[]> four = Map.of("data/0", new byte[16]);
    long huge = Long.MAX_VALUE;
    refused("needs elements 0 to 4", tensor(4, 0, longs(5), longs(1)), four);
    refused("needs elements 1 to 4", tensor(4, 1, longs(4), longs(1)), four);
    refused("needs elements -1", tensor(4, -1, longs(4), longs(1)), four);
    refused("needs elements 0 to 6", tensor(4, 0, longs(2, 2), longs(5, 1)), four);
    refused("needs elements 4 to 4", tensor(4, 4, EMPTY, EMPTY), four);
    refused("negative stride", tensor(4, 3, longs(4), longs(-1)), four);
    refused("beyond 2^63", tensor(4, 0, longs(huge, 2), longs(0, 0)), four);
    refused("beyond 2^63", tensor(4, 0, longs(3), longs(huge)), four);
    refused("beyond 2^63", tensor(4, huge, longs(2), longs(1)), four);
    refused("beyond 2^63", tensor(4, 0, longs(-4), longs(1)), four);
    refused("2 sizes and 1 strides", tensor(4, 0, longs(2, 2), longs(1)), four);
    refused("65 dimensions", tensor(4, 0, new long[65], new long[65]), four);
    refused("repeats the elements", tensor(4, 0, longs(1L << 40), longs(0)), four);
    refused(
        "tensor \"a\ufffdb\" needs",
        new Pickle()
            .op(Opcode.EMPTY_DICT)
            .text("a\nb")
            .tensor("0", 4, 0, longs(5), longs(1))
            .op(Opcode.SETITEM),
        four);
    refused("has 16 bytes", tensor(5, 0, longs(4), longs(1)), four);
    refused("has 16 bytes", tensor(3, 0, longs(3), longs(1)), four);
    refused("has 16 bytes", tensor(1L << 62, 0, longs(4), longs(1)), four);
    refused("without class, key or size", tensor(-4, 0, longs(4), longs(1)), four);
    refused("no record for storage \"0\"", tensor(4, 0, longs(4), longs(1)), NONE);
    try (TorchCheckpoint file = open(tensor(4, 99, longs(0, 4), longs(huge, 1)), four)) {
      assertEquals(0, ((StoredTensor) file.root()).bytes().byteSize());
    }
  }

  private static Pickle tensor(long count, long offset, long[] shape, long[] strides) {
    return new Pickle().tensor("0", count, offset, shape, strides);
  }

  private static long[] longs(long... values) {
    return values;
  }

  @Test
  void bigEndianValuesAreConverted() throws IOException {
    byte[] values = ByteBuffer.allocate(24).putFloat(1).putFloat(2).putFloat(3).array();
    ByteBuffer.wrap(values)
        .order(ByteOrder.BIG_ENDIAN)
        .position(12)
        .putFloat(4)
        .putFloat(5)
        .putFloat(6);
    Pickle pickle = new Pickle().op(Opcode.MARK);
    pickle.tensor("0", 6, 0, longs(2, 3), longs(3, 1));
    pickle.tensor("0", 6, 1, longs(2, 2), longs(1, 3)).op(Opcode.TUPLE);
    Map<String, byte[]> records =
        Map.of("data/0", values, "byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    try (TorchCheckpoint file = open(pickle, records)) {
      List<float[]> read = new ArrayList<>();
      ((List<?>) file.root()).forEach(tensor -> read.add(((StoredTensor) tensor).toFloats()));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read.get(0));
      assertArrayEquals(new float[] {2, 5, 3, 6}, read.get(1));
    }
    refused(
        "byte order",
        tensor(6, 0, longs(6), longs(1)),
        Map.of("byteorder", "pdp".getBytes(StandardCharsets.US_ASCII)));
  }
}
