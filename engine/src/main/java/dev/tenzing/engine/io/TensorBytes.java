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
    return copied(tensor.byteSize(), tensor.source()::read);
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
}
