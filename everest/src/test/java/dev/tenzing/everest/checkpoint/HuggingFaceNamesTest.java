package dev.tenzing.everest.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.engine.io.StoredType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HuggingFaceNamesTest {
  private static StoredTensor tensor(int first, long... dims) {
    Shape shape = Shape.of(dims);
    byte[] bytes = new byte[(int) shape.size() * 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return new StoredTensor(
        "tensor " + first, StoredType.BF16, shape, () -> MemorySegment.ofArray(bytes));
  }

  private static byte[] bytes(StoredTensor tensor) {
    return tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  private static Map<String, StoredTensor> official(String encoder) {
    Map<String, StoredTensor> ours = new LinkedHashMap<>();
    ours.put(encoder + "patch_embed.proj.weight", tensor(1, 4, 3, 2, 2, 2));
    ours.put(encoder + "blocks.11.attn.qkv.weight", tensor(2, 12, 4));
    ours.put(encoder + "blocks.11.attn.q_bias", tensor(3, 4));
    ours.put(encoder + "blocks.11.mlp.fc2.weight", tensor(4, 4, 8));
    ours.put(encoder + "norm.bias", tensor(5, 4));
    return ours;
  }

  @Test
  void aClassifierGoesThereAndBack() {
    Map<String, StoredTensor> ours = official("");
    ours.put("head.bias", tensor(6, 7));
    Map<String, StoredTensor> theirs = HuggingFaceNames.toTheirs(ours, "x");
    assertEquals(
        List.of(
            "videomae.embeddings.patch_embeddings.projection.weight",
            "videomae.encoder.layer.11.attention.attention.query.weight",
            "videomae.encoder.layer.11.attention.attention.key.weight",
            "videomae.encoder.layer.11.attention.attention.value.weight",
            "videomae.encoder.layer.11.attention.attention.q_bias",
            "videomae.encoder.layer.11.output.dense.weight",
            "videomae.layernorm.bias",
            "classifier.bias"),
        List.copyOf(theirs.keySet()));
    assertSame(ours, HuggingFaceNames.toOfficial(theirs));
  }

  @Test
  void anAutoencoderGoesThereAndBack() {
    Map<String, StoredTensor> ours = official("encoder.");
    ours.put("mask_token", tensor(6, 1, 1, 2));
    ours.put("decoder.blocks.0.attn.qkv.weight", tensor(7, 6, 2));
    ours.put("decoder.norm.weight", tensor(8, 2));
    ours.put("encoder_to_decoder.weight", tensor(9, 2, 4));
    Map<String, StoredTensor> theirs = HuggingFaceNames.toTheirs(ours, "x");
    assertTrue(
        theirs.containsKey("decoder.decoder_layers.0.attention.attention.key.weight"),
        theirs.keySet().toString());
    assertSame(ours, HuggingFaceNames.toOfficial(theirs));
  }

  private static void assertSame(
      Map<String, StoredTensor> expected, Map<String, StoredTensor> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.shape(), actual.get(name).shape(), name);
      assertArrayEquals(bytes(tensor), bytes(actual.get(name)), name);
    });
  }

  @Test
  void newerNamesOfTheBiasesAndABareModelAreRead() {
    Map<String, StoredTensor> theirs = new LinkedHashMap<>();
    theirs.put("embeddings.patch_embeddings.projection.bias", tensor(1, 4));
    theirs.put("encoder.layer.0.attention.attention.query.bias", tensor(2, 4));
    theirs.put("encoder.layer.0.attention.attention.value.bias", tensor(3, 4));
    theirs.put("encoder.layer.0.attention.attention.key.weight", tensor(4, 4, 4));
    theirs.put("something.else", tensor(5, 4));
    assertEquals(
        List.of(
            "patch_embed.proj.bias",
            "blocks.0.attn.q_bias",
            "blocks.0.attn.v_bias",
            "encoder.layer.0.attention.attention.key.weight",
            "something.else"),
        List.copyOf(HuggingFaceNames.toOfficial(theirs).keySet()));
  }

  @Test
  void whatTheirModelLacksIsNamed() {
    Map<String, StoredTensor> ours = official("");
    ours.put("pos_embed", tensor(6, 1, 8, 4));
    ours.put("blocks.11.gamma_1", tensor(7, 4));
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> HuggingFaceNames.toTheirs(ours, "model.pth"));
    assertEquals(
        "model.pth cannot become a Hugging Face checkpoint: their VideoMAE has no tensor for"
            + " blocks.11.gamma_1, pos_embed",
        e.getMessage());
  }

  @Test
  void partsThatDoNotFitTogetherAreNamed() {
    Map<String, StoredTensor> theirs = new LinkedHashMap<>();
    String attention = "videomae.encoder.layer.0.attention.attention.";
    theirs.put(attention + "query.weight", tensor(1, 4, 4));
    theirs.put(attention + "key.weight", tensor(2, 4, 5));
    theirs.put(attention + "value.weight", tensor(3, 4, 4));
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> HuggingFaceNames.toOfficial(theirs));
    assertEquals(
        "tensor 1 of BF16 [4,4] and tensor 2 of BF16 [4,5] cannot be joined", e.getMessage());
  }
}
