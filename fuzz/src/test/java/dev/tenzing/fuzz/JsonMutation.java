package dev.tenzing.fuzz;

import dev.tenzing.engine.io.Json;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Gives JSON other values, keys and nesting; what comes of it is JSON still. */
public final class JsonMutation implements Mutation {
  private final String[] words;

  private JsonMutation(String[] words) {
    this.words = words;
  }

  /** Damage to JSON that knows words of the format, as keys and as values. */
  public static JsonMutation with(String... words) {
    return new JsonMutation(words);
  }

  @Override
  public byte[] mutate(List<byte[]> seeds, SplittableRandom random) {
    String text = new String(Mutation.pick(seeds, random), StandardCharsets.UTF_8);
    return Json.write(tree(Json.parse(text), random)).getBytes(StandardCharsets.UTF_8);
  }

  /** Damages a tree of maps and lists. */
  public Object tree(Object root, SplittableRandom random) {
    Object tree = copy(root);
    for (int left = Mutation.times(random); left > 0; left--) {
      List<Object> containers = new ArrayList<>();
      collect(tree, containers);
      if (containers.isEmpty() || random.nextInt(200) == 0) {
        tree = value(Arrays.asList(tree), random);
      } else {
        change(Mutation.pick(containers, random), containers, random);
      }
    }
    return tree;
  }

  private static Object copy(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<Object, Object> all = new LinkedHashMap<>();
        map.forEach((key, item) -> all.put(key, copy(item)));
        yield all;
      }
      case List<?> list -> {
        List<Object> all = new ArrayList<>();
        list.forEach(item -> all.add(copy(item)));
        yield all;
      }
      case null, default -> value;
    };
  }

  private static void collect(Object value, List<Object> containers) {
    if (containers.size() > 5000) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      containers.add(map);
      map.values().forEach(item -> collect(item, containers));
    } else if (value instanceof List<?> list) {
      containers.add(list);
      list.forEach(item -> collect(item, containers));
    }
  }

  @SuppressWarnings("unchecked")
  private void change(Object container, List<Object> all, SplittableRandom random) {
    if (container instanceof List<?> found) {
      List<Object> list = (List<Object>) found;
      int at = list.isEmpty() ? 0 : random.nextInt(list.size());
      switch (list.isEmpty() ? 3 : random.nextInt(4)) {
        case 0 -> list.remove(at);
        case 1 -> list.add(list.get(at));
        case 2 -> list.set(at, value(all, random));
        default -> list.add(at, value(all, random));
      }
      return;
    }
    Map<Object, Object> map = (Map<Object, Object>) container;
    List<Object> keys = new ArrayList<>(map.keySet());
    Object key = keys.isEmpty() ? "x" : Mutation.pick(keys, random);
    switch (random.nextInt(8)) {
      case 0 -> map.remove(key);
      case 1 -> map.put(key(random), map.remove(key));
      case 2 -> map.put(key(random), value(all, random));
      case 3 -> map.put(key, map.get(keys.isEmpty() ? "x" : Mutation.pick(keys, random)));
      default -> map.put(key, value(all, random));
    }
  }

  private String key(SplittableRandom random) {
    return words.length == 0 || random.nextInt(6) == 0
        ? Mutation.pick(new String[] {"", "x", "\u001b[2J", "a\nb", "\u2028", "__proto__"}, random)
        : Mutation.pick(words, random);
  }

  private Object value(List<Object> all, SplittableRandom random) {
    return switch (random.nextInt(16)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2, 3, 4 -> Mutation.oddNumber(random);
      case 5 -> random.nextInt(-2, 40);
      case 6 ->
          Mutation.pick(new Double[] {0.0, -0.0, 0.5, -1.5, 1e308, 5e-324, 1e18, 0.1}, random);
      case 7 -> BigInteger.ONE.shiftLeft(random.nextInt(60, 200)).negate();
      case 8 -> key(random);
      case 9 -> "x".repeat(1 << random.nextInt(12));
      case 10 -> new ArrayList<>();
      case 11 -> new LinkedHashMap<>();
      case 12 -> Long.toString(Mutation.oddNumber(random));
      case 13 -> {
        Object nested = random.nextInt(3);
        for (int depth = 1 << random.nextInt(9); depth > 0; depth--) {
          List<Object> around = new ArrayList<>();
          around.add(nested);
          nested = around;
        }
        yield nested;
      }
      case 14 -> copy(Mutation.pick(all, random));
      default -> {
        List<Object> many = new ArrayList<>();
        for (int i = 1 << random.nextInt(10); i > 0; i--) {
          many.add(random.nextInt(4));
        }
        yield many;
      }
    };
  }
}
