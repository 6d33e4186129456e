package dev.tenzing.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** Makes a damaged input of good ones. */
@FunctionalInterface
public interface Mutation {
  /**
   * Makes one; the same draws give the same bytes.
   *
   * @param seeds good inputs, which stay as they are
   */
  byte[] mutate(List<byte[]> seeds, SplittableRandom random);

  /** One of several, drawn for each input. */
  static Mutation anyOf(Mutation... mutations) {
    return (seeds, random) -> pick(mutations, random).mutate(seeds, random);
  }

  /** This one and then, of one input in {@code every}, another. */
  default Mutation sometimesThen(int every, Mutation other) {
    return (seeds, random) -> {
      byte[] made = mutate(seeds, random);
      return random.nextInt(every) == 0 ? other.mutate(List.of(made), random) : made;
    };
  }

  /** An element, drawn. */
  static <T> T pick(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }

  /** An element, drawn. */
  static <T> T pick(T[] array, SplittableRandom random) {
    return array[random.nextInt(array.length)];
  }

  /** How often something is done, at least once and mostly not often. */
  static int times(SplittableRandom random) {
    int times = 1;
    while (times < 16 && random.nextInt(5) < 2) {
      times++;
    }
    return times;
  }

  /** Numbers at which something changes. */
  static long oddNumber(SplittableRandom random) {
    int bits = random.nextInt(64);
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(-2, 20);
      case 1 -> 1L << bits;
      case 2 -> (1L << bits) - 1;
      case 3 -> -(1L << bits);
      case 4 -> (1L << bits) + random.nextInt(-3, 4);
      default -> random.nextLong() >>> bits;
    };
  }
}
