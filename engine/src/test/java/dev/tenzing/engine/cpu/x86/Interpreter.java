package dev.tenzing.engine.cpu.x86;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs what a disassembler printed, in plain Java on real memory: the instructions that tiles are
 * made of. So that code for processors which are not at hand is run too, from its bytes.
 */
final class Interpreter {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final Map<String, Long> general = new HashMap<>();
  private final Map<String, float[]> vectors = new HashMap<>();
  private final int lanes;
  private long last;

  Interpreter(int vectorBytes) {
    lanes = vectorBytes / Float.BYTES;
  }

  void set(String register, long value) {
    general.put("%" + register, value);
  }

  /** Runs lines of {@code address: instruction} in AT&T notation up to a ret. */
  void run(Map<Long, String> program, long start) {
    Long[] addresses = program.keySet().stream().sorted().toArray(Long[]::new);
    int at = Arrays.binarySearch(addresses, start);
    while (true) {
      String[] words = program.get(addresses[at]).split(" ", 2);
      if (words[0].equals("ret")) {
        return;
      }
      String[] operands = words.length == 1 ? new String[0] : words[1].split(",(?![^(]*\\))");
      at = taken(words[0]) ? Arrays.binarySearch(addresses, Long.decode(operands[0])) : at + 1;
      execute(words[0], operands);
    }
  }

  private boolean taken(String name) {
    return switch (name) {
      case "je" -> last == 0;
      case "jne" -> last != 0;
      case "js" -> last < 0;
      case "jns" -> last >= 0;
      default -> false;
    };
  }

  private void execute(String name, String[] o) {
    switch (name) {
      case "je", "jne", "js", "jns", "vzeroupper", "prefetchw", "rex" -> {}
      case "mov" -> general.put(o[1], general.get(o[0]));
      case "lea" -> general.put(o[1], address(o[0]));
      case "add" -> general.put(o[1], last = general.get(o[1]) + number(o[0]));
      case "sub" -> general.put(o[1], last = general.get(o[1]) - number(o[0]));
      case "test" -> last = general.get(o[0]) & general.get(o[1]);
      case "decq" -> {
        last = number(o[0]) - 1;
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address(o[0]), last);
      }
      case "vmovups" -> {
        if (o[0].startsWith("%")) {
          float[] from = vectors.get(o[0]);
          for (int i = 0; i < lanes; i++) {
            ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address(o[1]) + i * 4L, from[i]);
          }
        } else {
          vectors.put(o[1], vector(o[0]));
        }
      }
      case "vbroadcastss" -> {
        float[] all = new float[lanes];
        Arrays.fill(all, ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address(o[0])));
        vectors.put(o[1], all);
      }
      case "vxorps", "vpxord" -> {
        if (!o[0].equals(o[1])) {
          throw new IllegalArgumentException("only a register with itself: " + String.join(",", o));
        }
        vectors.put(o[2], new float[lanes]);
      }
      case "vaddps" -> {
        float[] x = vector(o[0]);
        float[] y = vectors.get(o[1]);
        float[] sum = new float[lanes];
        for (int i = 0; i < lanes; i++) {
          sum[i] = x[i] + y[i];
        }
        vectors.put(o[2], sum);
      }
      case "vfmadd231ps" -> {
        float[] x = vectors.get(o[0]);
        float[] y = vectors.get(o[1]);
        float[] sum = vectors.get(o[2]).clone();
        for (int i = 0; i < lanes; i++) {
          sum[i] = Math.fma(x[i], y[i], sum[i]);
        }
        vectors.put(o[2], sum);
      }
      case "vdpbf16ps" -> {
        float[] x = vectors.get(o[0]);
        float[] y = vectors.get(o[1]);
        float[] sum = vectors.get(o[2]).clone();
        for (int i = 0; i < lanes; i++) {
          sum[i] = addPair(sum[i], x[i], y[i]);
        }
        vectors.put(o[2], sum);
      }
      default -> throw new IllegalArgumentException("unknown instruction " + name);
    }
  }

  /**
   * What vdpbf16ps adds in a lane: the upper numbers' product, then the lower ones'. Each addition
   * is fused and rounded to nearest even; denormals, given or made, are zeros.
   */
  static float addPair(float sum, float x, float y) {
    int bitsOfX = Float.floatToRawIntBits(x);
    int bitsOfY = Float.floatToRawIntBits(y);
    float first = addProduct(sum, bitsOfX & 0xffff0000, bitsOfY & 0xffff0000);
    return addProduct(first, bitsOfX << 16, bitsOfY << 16);
  }

  private static float addProduct(float sum, int x, int y) {
    float xValue = flushed(Float.intBitsToFloat(x));
    float yValue = flushed(Float.intBitsToFloat(y));
    return flushed(Math.fma(xValue, yValue, flushed(sum)));
  }

  private static float flushed(float v) {
    return Math.abs(v) < Float.MIN_NORMAL ? Math.copySign(0f, v) : v;
  }

  private long number(String operand) {
    if (operand.startsWith("$")) {
      return Long.decode(operand.substring(1));
    }
    return operand.startsWith("%")
        ? general.get(operand)
        : ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address(operand));
  }

  private float[] vector(String operand) {
    if (operand.startsWith("%")) {
      return vectors.get(operand);
    }
    float[] values = new float[lanes];
    for (int i = 0; i < lanes; i++) {
      values[i] = ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address(operand) + i * 4L);
    }
    return values;
  }

  /** The address of an operand like {@code 0x40(%r11)}. */
  private long address(String operand) {
    int open = operand.indexOf('(');
    long displacement = open == 0 ? 0 : Long.decode(operand.substring(0, open));
    return displacement + general.get(operand.substring(open + 1, operand.length() - 1));
  }
}
