package dev.tenzing.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages bytes of any meaning: bits and bytes, numbers of either byte order, spans, the end, and
 * words that the format knows.
 */
public final class ByteMutation implements Mutation {
  private static final int LONGEST = 1 << 20;

  private final List<byte[]> words;

  private ByteMutation(List<byte[]> words) {
    this.words = words;
  }

  /** Damage to bytes that knows words of the format. */
  public static ByteMutation with(String... words) {
    return new ByteMutation(
        Arrays.stream(words).map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList());
  }

  @Override
  public byte[] mutate(List<byte[]> seeds, SplittableRandom random) {
    byte[] bytes = Mutation.pick(seeds, random).clone();
    for (int left = Mutation.times(random); left > 0; left--) {
      bytes = once(bytes, seeds, random);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes, List<byte[]> seeds, SplittableRandom random) {
    if (bytes.length == 0) {
      return word(random);
    }
    int at = random.nextInt(bytes.length);
    int length = span(bytes.length - at, random);
    return switch (random.nextInt(12)) {
      case 0, 1 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 2 -> {
        bytes[at] = (byte) Mutation.oddNumber(random);
        yield bytes;
      }
      case 3, 4 -> number(bytes, at, random);
      case 5 -> Arrays.copyOf(bytes, at);
      case 6 -> replaced(bytes, at, length, new byte[0]);
      case 7 -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
      case 8 -> {
        int from = random.nextInt(bytes.length);
        int count = span(bytes.length - from, random);
        yield replaced(bytes, at, length, Arrays.copyOfRange(bytes, from, from + count));
      }
      case 9 -> replaced(bytes, at, random.nextBoolean() ? 0 : length, word(random));
      case 10 -> {
        byte[] other = Mutation.pick(seeds, random);
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        int count = span(other.length - from, random);
        yield replaced(bytes, at, length, Arrays.copyOfRange(other, from, from + count));
      }
      default -> replaced(bytes, at, 0, repeated(random));
    };
  }

  /** Mostly short, sometimes all there is. */
  private static int span(int most, SplittableRandom random) {
    return most == 0
        ? 0
        : random.nextInt(4) == 0 ? random.nextInt(most + 1) : Math.min(most, random.nextInt(1, 17));
  }

  private static byte[] number(byte[] bytes, int at, SplittableRandom random) {
    int size = 1 << random.nextInt(1, 4);
    if (at + size <= bytes.length) {
      boolean little = random.nextInt(3) > 0;
      ByteBuffer eight = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      eight.putLong(0, Mutation.oddNumber(random));
      for (int i = 0; i < size; i++) {
        bytes[at + i] = eight.get(little ? i : size - 1 - i);
      }
    }
    return bytes;
  }

  private byte[] word(SplittableRandom random) {
    return words.isEmpty() ? new byte[] {(byte) random.nextInt()} : Mutation.pick(words, random);
  }

  private byte[] repeated(SplittableRandom random) {
    byte[] one = word(random);
    int times = random.nextInt(8) == 0 ? 1 << random.nextInt(8, 15) : random.nextInt(2, 64);
    byte[] all = new byte[Math.min(LONGEST, one.length * times)];
    for (int i = 0; i < all.length; i++) {
      all[i] = one[i % one.length];
    }
    return all;
  }

  private static byte[] replaced(byte[] bytes, int at, int length, byte[] with) {
    if (bytes.length - length + with.length > LONGEST) {
      return bytes;
    }
    byte[] all = new byte[bytes.length - length + with.length];
    System.arraycopy(bytes, 0, all, 0, at);
    System.arraycopy(with, 0, all, at, with.length);
    System.arraycopy(bytes, at + length, all, at + with.length, bytes.length - at - length);
    return all;
  }
}
