package dev.tenzing.engine;

/**
 * Counter-based random numbers: Philox 4x32-10 of Salmon et al., "Parallel Random Numbers: As Easy
 * as 1, 2, 3" (SC 2011).
 *
 * <p>Every draw is a pure function of (seed, purpose, step, sample, index), never of shared state,
 * so results do not depend on threads or on the order of draws, and a resumed run draws what an
 * uninterrupted one would.
 */
public final class Rng {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private final long key;

  private Rng(long key) {
    this.key = key;
  }

  /** The generator of a seed. */
  public static Rng seed(long seed) {
    return new Rng(mix(seed));
  }

  /** The generator whose {@link #key} it is, for kernels that draw. */
  public static Rng ofKey(long key) {
    return new Rng(key);
  }

  /** What tells this generator from all others. */
  public long key() {
    return key;
  }

  /** An independent generator for one purpose, such as {@code "mask"} or {@code "dropPath"}. */
  public Rng purpose(String purpose) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < purpose.length(); i++) {
      hash = (hash ^ purpose.charAt(i)) * 0x100000001b3L;
    }
    return new Rng(mix(key ^ hash));
  }

  /**
   * A 64-bit key for generators elsewhere (decoding, augmentation) that belongs to this purpose at
   * (step, sample).
   */
  public long keyAt(long step, long sample) {
    Stream stream = at(step, sample);
    return (long) stream.nextInt() << 32 | stream.nextInt() & 0xffffffffL;
  }

  /**
   * The stream of draws for one sample of one step. Samples are told apart by their low 32 bits.
   */
  public Stream at(long step, long sample) {
    return new Stream(key, step, (int) sample);
  }

  private static long mix(long z) {
    z = (z + 0x9E3779B97F4A7C15L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * One block of Philox 4x32-10.
   *
   * @param counter four words, replaced by the four random words
   * @param key two words
   */
  static void philox(int[] counter, int key0, int key1) {
    int c0 = counter[0];
    int c1 = counter[1];
    int c2 = counter[2];
    int c3 = counter[3];
    for (int round = 0; round < 10; round++) {
      long p0 = (M0 & 0xffffffffL) * (c0 & 0xffffffffL);
      long p1 = (M1 & 0xffffffffL) * (c2 & 0xffffffffL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ key0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ key1;
      c3 = (int) p0;
      key0 += W0;
      key1 += W1;
    }
    counter[0] = c0;
    counter[1] = c1;
    counter[2] = c2;
    counter[3] = c3;
  }

  /** A sequence of draws. */
  public static final class Stream {
    private final long key;
    private final long step;
    private final int sample;
    private final int[] block = new int[4];
    private int blocks;
    private int left;

    private Stream(long key, long step, int sample) {
      this.key = key;
      this.step = step;
      this.sample = sample;
    }

    /**
     * Skips draws of a stream that has given none yet, and returns it.
     *
     * @param draws a multiple of 4
     */
    public Stream skip(int draws) {
      blocks = draws / 4;
      return this;
    }

    /** 32 random bits. */
    public int nextInt() {
      if (left == 0) {
        block[0] = blocks++;
        block[1] = sample;
        block[2] = (int) step;
        block[3] = (int) (step >>> 32);
        philox(block, (int) key, (int) (key >>> 32));
        left = 4;
      }
      return block[4 - left--];
    }

    /** Uniform integer in [0, bound). */
    public int nextInt(int bound) {
      if (bound < 1) {
        throw new IllegalArgumentException("bound must be positive, got " + bound);
      }
      return (int) (((nextInt() & 0xffffffffL) * bound) >>> 32);
    }

    /** Uniform in [0, 1) with 24 random bits. */
    public float nextFloat() {
      return (nextInt() >>> 8) * 0x1p-24f;
    }

    /** Standard normal, by the Box-Muller transform. */
    public float nextGaussian() {
      double u = ((nextInt() >>> 8) + 1) * 0x1p-24;
      double v = (nextInt() >>> 8) * 0x1p-24;
      return (float) (Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
    }
  }
}
