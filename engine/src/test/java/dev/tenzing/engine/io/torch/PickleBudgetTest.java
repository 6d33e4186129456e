package dev.tenzing.engine.io.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small pickles that ask for much: what they get follows from their length. */
@Timeout(20)
class PickleBudgetTest {
  @TempDir private Path folder;

  private void refused(String defect, Pickle pickle) throws IOException {
    Path path = pickle.zip(folder.resolve("hostile.pth"), Map.of());
    TorchCheckpointTest.assertRefused(path, defect);
  }

  /** A long text, under number 0 of the memo. */
  private static Pickle longText(int letters) {
    return new Pickle().text("x".repeat(letters)).op(Opcode.BINPUT, 0, Opcode.POP);
  }

  @Test
  void copiesOfText() throws IOException {
    Pickle devices = longText(1 << 20).global("torch", "device").op(Opcode.BINPUT, 1, Opcode.POP);
    devices.op(Opcode.BINGET, 0).number(1).op(Opcode.TUPLE2, Opcode.BINPUT, 2, Opcode.MARK);
    for (int i = 0; i < 2_000; i++) {
      devices.op(Opcode.BINGET, 1, Opcode.BINGET, 2, Opcode.REDUCE);
    }
    refused("unfolds into more bytes", devices.op(Opcode.LIST));
  }

  @Test
  void sharedText() throws IOException {
    Pickle values = longText(1 << 18).op(Opcode.MARK);
    Pickle keys = longText(4096).op(Opcode.MARK);
    for (int i = 0; i < 5_000; i++) {
      values.op(Opcode.BINGET, 0);
      keys.op(Opcode.EMPTY_DICT, Opcode.BINGET, 0, Opcode.NONE, Opcode.SETITEM);
    }
    refused("letters of text", values.op(Opcode.LIST));
    refused("letters of text", keys.op(Opcode.LIST));
    refused("as the key of a dict", longTextAsKey());
  }

  private static Pickle longTextAsKey() {
    return new Pickle()
        .op(Opcode.EMPTY_DICT)
        .text("x".repeat(5_000))
        .op(Opcode.NONE, Opcode.SETITEM);
  }

  @Test
  void emptyContainersAndMemos() throws IOException {
    Pickle dicts = new Pickle().op(Opcode.MARK);
    Pickle memos = new Pickle().op(Opcode.NONE);
    for (int i = 0; i < 1_500_000; i++) {
      dicts.op(Opcode.EMPTY_DICT);
      memos.op(Opcode.MEMOIZE);
    }
    refused("asks for more memory", dicts.op(Opcode.LIST));
    refused("asks for more memory", memos);
  }

  @Test
  void tensorsThatShareAStorage() throws IOException {
    Pickle pickle = new Pickle();
    pickle.tensor("0", 1 << 20, 0, new long[] {1 << 20}, new long[] {1});
    pickle.op(Opcode.BINPUT, 0, Opcode.POP, Opcode.MARK);
    for (int i = 0; i < 1_000; i++) {
      pickle.op(Opcode.BINGET, 0);
    }
    Path path =
        pickle
            .op(Opcode.LIST)
            .zip(folder.resolve("shared.pth"), Map.of("data/0", new byte[4 << 20]));
    TorchCheckpointTest.assertRefused(path, "its tensors unfold into more than");
  }

  /** Numbers and texts of one hash in one dict: each look-up would pass all of them. */
  @Test
  void equalHashesCostNothing() throws IOException {
    Pickle pickle = new Pickle().op(Opcode.EMPTY_DICT, Opcode.MARK);
    int count = 1 << 13;
    int hash = "AaAaAaAaAaAaAa".repeat(2).substring(0, 26).hashCode();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int bit = 0; bit < 13; bit++) {
        text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      assertEquals(hash, text.toString().hashCode());
      long high = i + 1L;
      pickle.text(text.toString()).op(Opcode.NONE);
      pickle.number(high << 32 | (hash ^ high) & 0xffffffffL).op(Opcode.NONE);
      pickle.number(i).number(-i).op(Opcode.TUPLE2, Opcode.NONE);
    }
    pickle.op(Opcode.SETITEMS);
    try (TorchCheckpoint file =
        TorchCheckpoint.open(pickle.zip(folder.resolve("a.pth"), Map.of()))) {
      Map<?, ?> dict = (Map<?, ?>) file.root();
      assertEquals(3 * count, dict.size());
      assertTrue(dict.containsKey("AaBB" + "Aa".repeat(11)));
      assertTrue(dict.containsKey(List.of(5L, -5L)));
      assertEquals("Aa".repeat(13), dict.keySet().iterator().next());
    }
  }
}
