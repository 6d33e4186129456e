package dev.tenzing.engine.io;

import dev.tenzing.engine.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/** The bytes of a tensor, handed on piece by piece: a writer holds no second copy of them. */
@FunctionalInterface
public interface TensorBytes {
  /** Largest piece. */
  int CHUNK = 1 << 24;

  /** Takes the pieces in their order. */
  @FunctionalInterface
  interface Sink {
    /** Takes a piece, of which nothing may be kept. */
    void take(ByteBuffer piece) throws IOException;
  }

  /** Hands all pieces on. */
  void forEach(Sink sink) throws IOException;

  /** Those of a tensor on a device. */
  static TensorBytes of(Tensor tensor) {
    return copied(tensor.bytes(), tensor::copyTo);
  }

  /** Those of a tensor in another file. */
  static TensorBytes of(StoredTensor tensor) {
    return sink -> {
      MemorySegment bytes = tensor.bytes();
      if (!bytes.isNative()) { // arrays of numbers have no view as bytes
        copied(bytes.byteSize(), (from, piece) -> piece.copyFrom(slice(bytes, from))).forEach(sink);
        return;
      }
      for (long from = 0; from < bytes.byteSize(); from += CHUNK) {
        sink.take(slice(bytes, from).asByteBuffer());
      }
    };
  }

  private static TensorBytes copied(long size, BiConsumer<Long, MemorySegment> copy) {
    return sink -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(Math.min(CHUNK, size), 64);
        for (long from = 0; from < size; from += CHUNK) {
          MemorySegment piece = buffer.asSlice(0, Math.min(CHUNK, size - from));
          copy.accept(from, piece);
          sink.take(piece.asByteBuffer());
        }
      }
    };
  }

  private static MemorySegment slice(MemorySegment bytes, long from) {
    return bytes.asSlice(from, Math.min(CHUNK, bytes.byteSize() - from));
  }
}
