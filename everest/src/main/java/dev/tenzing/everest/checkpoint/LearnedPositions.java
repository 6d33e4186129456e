package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.nn.PositionInterpolation;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Learned positions of a checkpoint whose clips had another size than the model's. */
final class LearnedPositions {
  private static final String NAME = "pos_embed";

  private LearnedPositions() {}

  /**
   * The tensors with positions interpolated from one grid to another; the same tensors when there
   * are none, when the grids are equal, or when their number is not that of the grid.
   */
  static Map<String, StoredTensor> fitted(
      Map<String, StoredTensor> tensors, TokenGrid from, TokenGrid to) {
    StoredTensor stored = tensors.get(NAME);
    if (stored == null
        || from.equals(to)
        || !stored.type().isFloating()
        || stored.shape().rank() != 3
        || stored.shape().dim(0) != 1
        || stored.shape().dim(1) != from.tokens()) {
      return tensors;
    }
    Map<String, StoredTensor> fitted = new LinkedHashMap<>(tensors);
    Shape shape = stored.shape().with(1, to.tokens());
    fitted.put(
        NAME,
        new StoredTensor(
            stored.label(),
            StoredType.F32,
            shape,
            () -> bytes(interpolated(stored.toFloats(), from, to))));
    return fitted;
  }

  private static float[] interpolated(float[] positions, TokenGrid from, TokenGrid to) {
    float[] resized = positions;
    if (from.rows() != to.rows() || from.columns() != to.columns()) {
      resized =
          PositionInterpolation.spatial(
              resized, from.slots(), from.rows(), from.columns(), to.rows(), to.columns());
    }
    return from.slots() == to.slots()
        ? resized
        : PositionInterpolation.temporal(resized, from.slots(), to.perSlot(), to.slots());
  }

  private static MemorySegment bytes(float[] values) {
    byte[] bytes = new byte[Math.multiplyExact(4, values.length)];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return MemorySegment.ofArray(bytes);
  }
}
