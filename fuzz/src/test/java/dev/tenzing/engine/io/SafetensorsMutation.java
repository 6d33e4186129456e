package dev.tenzing.engine.io;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Gives safetensors files another header, whose length is mostly right. */
public final class SafetensorsMutation implements Mutation {
  private static final ByteMutation BYTES =
      ByteMutation.with("{", "}", "[", "\"", "F32", "data_offsets", "__metadata__", "\\u0000");

  private final JsonMutation tree;
  private final String metadata;

  private SafetensorsMutation(JsonMutation tree, String metadata) {
    this.tree = tree;
    this.metadata = metadata;
  }

  /** Damage to headers and to all bytes. */
  public static Mutation ofAll(String... words) {
    return Mutation.anyOf(BYTES, ofHeaders(words)).sometimesThen(10, BYTES);
  }

  /** Damage to headers only. */
  public static Mutation ofHeaders(String... words) {
    return new SafetensorsMutation(JsonMutation.with(words), null);
  }

  /** Damage to the JSON that the header's metadata hold under {@code key}. */
  public static Mutation ofMetadata(String key, String... words) {
    return new SafetensorsMutation(JsonMutation.with(words), key);
  }

  @Override
  public byte[] mutate(List<byte[]> seeds, SplittableRandom random) {
    byte[] file = Mutation.pick(seeds, random);
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(file, 8, length, StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOfRange(file, 8 + length, file.length);
    if (metadata == null && random.nextInt(8) == 0) {
      data = Arrays.copyOf(data, (int) (data.length * random.nextDouble(1.5)));
    }
    Map<String, Object> all = new LinkedHashMap<>(Json.parseObject(header));
    Object changed =
        metadata == null ? tree.tree(all, random) : withMetadata(all, metadata, tree, random);
    byte[] text = Json.write(changed).getBytes(StandardCharsets.UTF_8);
    long told = random.nextInt(40) == 0 ? Mutation.oddNumber(random) : text.length;
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(told)
        .put(text)
        .put(data)
        .array();
  }

  private static Object withMetadata(
      Map<String, Object> header, String key, JsonMutation tree, SplittableRandom random) {
    Map<Object, Object> metadata = new LinkedHashMap<>((Map<?, ?>) header.get("__metadata__"));
    Object value = Json.parse((String) metadata.get(key));
    metadata.put(key, Json.write(tree.tree(value, random)));
    header.put("__metadata__", metadata);
    return header;
  }
}
