package dev.tenzing.engine.io.torch;

import dev.tenzing.fuzz.Mutation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Gives a pickle other instructions and other operands; their lengths stay right, so that what
 * follows is still read as it was meant.
 */
final class PickleMutation implements Mutation {
  private static final int[] PLAIN = {
    Opcode.MARK,
    Opcode.POP,
    Opcode.POP_MARK,
    Opcode.DUP,
    Opcode.NONE,
    Opcode.BINPERSID,
    Opcode.REDUCE,
    Opcode.APPEND,
    Opcode.BUILD,
    Opcode.DICT,
    Opcode.EMPTY_DICT,
    Opcode.APPENDS,
    Opcode.LIST,
    Opcode.EMPTY_LIST,
    Opcode.OBJ,
    Opcode.SETITEM,
    Opcode.TUPLE,
    Opcode.EMPTY_TUPLE,
    Opcode.SETITEMS,
    Opcode.NEWOBJ,
    Opcode.TUPLE1,
    Opcode.TUPLE2,
    Opcode.TUPLE3,
    Opcode.NEWTRUE,
    Opcode.NEWFALSE,
    Opcode.EMPTY_SET,
    Opcode.ADDITEMS,
    Opcode.FROZENSET,
    Opcode.NEWOBJ_EX,
    Opcode.STACK_GLOBAL,
    Opcode.MEMOIZE,
    Opcode.STOP
  };
  private static final String[] GLOBALS = {
    "collections\nOrderedDict",
    "torch._utils\n_rebuild_tensor_v2",
    "torch\nFloatStorage",
    "torch._utils\n_rebuild_parameter",
    "torch\ndevice",
    "torch\nSize",
    "torch\nbfloat16",
    "argparse\nNamespace",
    "numpy.core.multiarray\nscalar",
    "numpy\ndtype",
    "numpy\nndarray",
    "numpy.core.multiarray\n_reconstruct",
    "numpy._core.numeric\n_frombuffer",
    "pathlib\nPosixPath",
    "builtins\nset",
    "__builtin__\nset",
    "builtins\nbytearray",
    "builtins\nslice",
    "os\nsystem",
    "builtins\neval",
    "_codecs\nencode",
    "copyreg\n_reconstructor",
    "builtins\nobject",
    "torch.storage\nUntypedStorage",
    "torch.serialization\n_get_layout",
    "collections\ndefaultdict",
    "builtins\ncomplex",
    "datetime\ndatetime",
    "\n",
    "a.b\nc.d"
  };

  /** One instruction. */
  private record Instruction(byte[] bytes) {}

  @Override
  public byte[] mutate(List<byte[]> seeds, SplittableRandom random) {
    List<Instruction> all = new ArrayList<>(split(Mutation.pick(seeds, random)));
    for (int left = Mutation.times(random); left > 0; left--) {
      change(all, random);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    all.forEach(instruction -> out.writeBytes(instruction.bytes));
    return out.toByteArray();
  }

  private static void change(List<Instruction> all, SplittableRandom random) {
    int at = random.nextInt(all.size());
    int other = random.nextInt(all.size());
    switch (random.nextInt(9)) {
      case 0 -> {
        if (all.size() > 1) {
          all.remove(at);
        }
      }
      case 1 -> all.add(at, all.get(other));
      case 2 -> all.set(at, all.set(other, all.get(at)));
      case 3 -> all.set(at, drawn(random));
      case 4 -> all.add(at, drawn(random));
      case 5 -> {
        int to = Math.min(all.size(), at + random.nextInt(1, 40));
        all.addAll(other, List.copyOf(all.subList(at, to)));
      }
      case 6 -> {
        // The same again and again: depth, memory, many keys.
        int to = Math.min(all.size(), at + random.nextInt(1, 6));
        List<Instruction> part = List.copyOf(all.subList(at, to));
        for (int i = 1 << random.nextInt(11); i > 0 && all.size() < 20_000; i--) {
          all.addAll(at, part);
        }
      }
      default -> all.set(at, operand(all.get(at), random));
    }
  }

  /** Another operand of the same instruction. */
  private static Instruction operand(Instruction instruction, SplittableRandom random) {
    byte[] bytes = instruction.bytes.clone();
    int code = bytes[0] & 0xff;
    if (bytes.length == 1) {
      return drawn(random);
    }
    return switch (code) {
      case Opcode.BINUNICODE, Opcode.SHORT_BINUNICODE ->
          text(
              Mutation.pick(
                  new String[] {
                    "",
                    "0",
                    "1",
                    "-1",
                    "cpu",
                    "cuda:0",
                    "storage",
                    "model",
                    "state_dict",
                    "x",
                    "../x",
                    "\u0000",
                    "weight",
                    "a".repeat(300),
                    "\u001b[31m",
                    "99999999999"
                  },
                  random));
      case Opcode.GLOBAL -> line(Opcode.GLOBAL, Mutation.pick(GLOBALS, random));
      case Opcode.LONG1 -> number(Mutation.oddNumber(random));
      default -> {
        int at = random.nextInt(1, bytes.length);
        bytes[at] = (byte) Mutation.oddNumber(random);
        yield new Instruction(bytes);
      }
    };
  }

  private static Instruction drawn(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> text("k" + random.nextInt(4));
      case 1 -> number(Mutation.oddNumber(random));
      case 2 -> line(Opcode.GLOBAL, Mutation.pick(GLOBALS, random));
      case 3 -> new Instruction(new byte[] {Opcode.BINGET, (byte) random.nextInt(12)});
      case 4 -> new Instruction(new byte[] {Opcode.BINPUT, (byte) random.nextInt(12)});
      case 5 -> new Instruction(new byte[] {Opcode.BININT1, (byte) random.nextInt()});
      default -> new Instruction(new byte[] {(byte) PLAIN[random.nextInt(PLAIN.length)]});
    };
  }

  private static Instruction text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Instruction(
        little(5 + bytes.length)
            .put((byte) Opcode.BINUNICODE)
            .putInt(bytes.length)
            .put(bytes)
            .array());
  }

  private static Instruction number(long value) {
    return new Instruction(
        little(10).put((byte) Opcode.LONG1).put((byte) 8).putLong(value).array());
  }

  private static Instruction line(int code, String text) {
    return new Instruction(((char) code + text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<Instruction> split(byte[] pickle) {
    List<Instruction> all = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at < pickle.length) {
      int end = Math.min(pickle.length, at + 1 + operandBytes(pickle, in, at));
      all.add(new Instruction(Arrays.copyOfRange(pickle, at, end)));
      at = end;
    }
    return all;
  }

  private static int operandBytes(byte[] pickle, ByteBuffer in, int at) {
    int code = pickle[at] & 0xff;
    return switch (code) {
      case Opcode.PROTO, Opcode.BININT1, Opcode.BINGET, Opcode.BINPUT -> 1;
      case Opcode.BININT2 -> 2;
      case Opcode.BININT, Opcode.LONG_BINGET, Opcode.LONG_BINPUT -> 4;
      case Opcode.BINFLOAT, Opcode.FRAME -> 8;
      case Opcode.LONG1, Opcode.SHORT_BINUNICODE, Opcode.SHORT_BINBYTES, Opcode.SHORT_BINSTRING ->
          1 + (pickle[at + 1] & 0xff);
      case Opcode.BINUNICODE, Opcode.BINBYTES, Opcode.BINSTRING, Opcode.LONG4 ->
          4 + in.getInt(at + 1);
      case Opcode.BINUNICODE8, Opcode.BINBYTES8, Opcode.BYTEARRAY8 -> 8 + (int) in.getLong(at + 1);
      case Opcode.GLOBAL, Opcode.INST -> lines(pickle, at, 2);
      case Opcode.INT,
          Opcode.LONG,
          Opcode.FLOAT,
          Opcode.STRING,
          Opcode.UNICODE,
          Opcode.GET,
          Opcode.PUT ->
          lines(pickle, at, 1);
      default -> 0;
    };
  }

  private static int lines(byte[] pickle, int at, int count) {
    int end = at + 1;
    for (int left = count; left > 0 && end < pickle.length; end++) {
      left -= pickle[end] == '\n' ? 1 : 0;
    }
    return end - at - 1;
  }
}
