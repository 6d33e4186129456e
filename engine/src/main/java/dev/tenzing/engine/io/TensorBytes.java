package dev.tenzing.engine.io;

import dev.tenzing.engine.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

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
    return sink -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(Math.min(CHUNK, tensor.bytes()), 64);
        for (long from = 0; from < tensor.bytes(); from += CHUNK) {
          MemorySegment piece = buffer.asSlice(0, Math.min(CHUNK, tensor.bytes() - from));
          tensor.copyTo(from, piece);
          sink.take(piece.asByteBuffer());
        }
      }
    };
  }

  /** Those of a tensor in another file. */
  static TensorBytes of(StoredTensor tensor) {
    return sink -> {
      MemorySegment bytes = tensor.bytes();
      for (long from = 0; from < bytes.byteSize(); from += CHUNK) {
        sink.take(bytes.asSlice(from, Math.min(CHUNK, bytes.byteSize() - from)).asByteBuffer());
      }
    };
  }
}
