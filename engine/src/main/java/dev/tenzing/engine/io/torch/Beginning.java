package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.FileBytes;
import java.nio.charset.StandardCharsets;

/** What a file is by its first bytes, and what people have instead of a checkpoint. */
final class Beginning {
  private static final int LENGTH = 512;
  private static final int TAR_MAGIC_AT = 257;

  private Beginning() {}

  static TorchCheckpoint.Layout layout(FileBytes file, Complaints complaints) {
    byte[] bytes = file.bytes(0, (int) Math.min(LENGTH, file.size()));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (text.startsWith("PK\3\4")) {
      return TorchCheckpoint.Layout.ZIP;
    }
    if (bytes.length > 1 && bytes[0] == (byte) Opcode.PROTO) {
      return TorchCheckpoint.Layout.LEGACY;
    }
    if (text.startsWith("version https://git-lfs")) {
      throw complaints.unsupported(
          "it is Git LFS's pointer to the checkpoint, which `git lfs pull` fetches");
    }
    if (text.stripLeading().startsWith("<")) {
      throw complaints.unsupported(
          "it is a web page, as servers send in place of a download that failed");
    }
    if (text.startsWith("ustar", TAR_MAGIC_AT)) {
      throw complaints.unsupported(
          "it is a tar archive, as PyTorch wrote before version 0.2; load and save it with a newer"
              + " PyTorch");
    }
    throw complaints.unsupported(
        "it is not a PyTorch checkpoint, by its first bytes" + (bytes.length == 0 ? ": none" : ""));
  }
}
