package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.FileBytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The stack machine of Python's pickles (protocols 0 to 5), for data alone.
 *
 * <p>It builds {@code Map}, {@code List}, {@code Set}, {@link Tuple}, strings, numbers, {@link
 * RawTensor} and {@link RawObject}; calls go to {@link Globals}, which knows a fixed list of names.
 * The values may share and even hold each other: nothing here walks, prints or hashes them.
 */
final class Unpickler {
  private static final int LONGEST_KEY = 16;
  private static final int LONGEST_KEY_TEXT = 4096;
  private static final int LONGEST_GLOBAL = 1000;

  // What values take in the heap, about.
  private static final int VALUE = 16;
  private static final int ITEM = 4;
  private static final int CONTAINER = 80;
  private static final int ENTRY = 96;

  private final PickleInput in;
  private final Complaints complaints;
  private final Budget budget;
  private final Globals globals;
  private final Function<Tuple, Object> persistent;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int[] marks = new int[16];
  private int marked;

  /**
   * A machine for one pickle.
   *
   * @param range where it begins in {@code file}, and how far it may reach
   * @param persistent makes values of the names of things outside the pickle
   */
  Unpickler(
      FileBytes file,
      Range range,
      Complaints complaints,
      Budget budget,
      Function<Tuple, Object> persistent) {
    this.in = new PickleInput(file, range, complaints, budget);
    this.complaints = complaints;
    this.budget = budget;
    this.globals = new Globals(complaints, budget, this::key);
    this.persistent = persistent;
  }

  /** Where the pickle ended. */
  long position() {
    return in.position();
  }

  /** Runs to the end. */
  Object run() {
    while (true) {
      int opcode = in.u8();
      if (opcode == Opcode.STOP) {
        return pop();
      }
      budget.steps(1);
      budget.heap(VALUE);
      step(opcode);
    }
  }

  private void step(int opcode) {
    switch (opcode) {
      case Opcode.PROTO -> protocol(in.u8());
      case Opcode.FRAME -> in.i64(); // a hint for buffering
      case Opcode.MARK -> mark();
      case Opcode.POP -> drop();
      case Opcode.POP_MARK -> popMark();
      case Opcode.DUP -> push(top());
      case Opcode.NONE -> push(null);
      case Opcode.NEWTRUE -> push(true);
      case Opcode.NEWFALSE -> push(false);
      case Opcode.INT -> push(in.decimalOrBoolean());
      case Opcode.LONG -> push(in.decimal());
      case Opcode.BININT -> push((long) in.i32());
      case Opcode.BININT1 -> push((long) in.u8());
      case Opcode.BININT2 -> push((long) in.u16());
      case Opcode.LONG1 -> push(in.integer(in.u8()));
      case Opcode.LONG4 -> push(in.integer(in.i32()));
      case Opcode.FLOAT -> push(in.decimalDouble());
      case Opcode.BINFLOAT -> push(in.f64());
      case Opcode.STRING -> push(unquoted(in.line()));
      case Opcode.BINSTRING -> push(in.oldText(in.u32()));
      case Opcode.SHORT_BINSTRING -> push(in.oldText(in.u8()));
      case Opcode.UNICODE -> push(unescaped(in.line()));
      case Opcode.BINUNICODE -> push(in.text(in.u32()));
      case Opcode.SHORT_BINUNICODE -> push(in.text(in.u8()));
      case Opcode.BINUNICODE8 -> push(in.text(in.i64()));
      case Opcode.BINBYTES -> push(in.bytes(in.u32()));
      case Opcode.SHORT_BINBYTES -> push(in.bytes(in.u8()));
      case Opcode.BINBYTES8, Opcode.BYTEARRAY8 -> push(in.bytes(in.i64()));
      case Opcode.PUT -> remember(index());
      case Opcode.BINPUT -> remember(in.u8());
      case Opcode.LONG_BINPUT -> remember(in.u32());
      case Opcode.MEMOIZE -> remember(memo.size());
      case Opcode.GET -> push(recall(index()));
      case Opcode.BINGET -> push(recall(in.u8()));
      case Opcode.LONG_BINGET -> push(recall(in.u32()));
      default -> container(opcode);
    }
  }

  private void container(int opcode) {
    switch (opcode) {
      case Opcode.EMPTY_TUPLE -> push(Tuple.EMPTY);
      case Opcode.TUPLE -> push(new Tuple(popMark()));
      case Opcode.TUPLE1 -> push(new Tuple(last(1)));
      case Opcode.TUPLE2 -> push(new Tuple(last(2)));
      case Opcode.TUPLE3 -> push(new Tuple(last(3)));
      case Opcode.EMPTY_LIST -> push(charged(new ArrayList<>(0)));
      case Opcode.LIST -> push(popMark());
      case Opcode.APPEND -> append(last(1));
      case Opcode.APPENDS -> append(popMark());
      case Opcode.EMPTY_DICT -> push(charged(new Dict()));
      case Opcode.DICT -> {
        List<Object> items = popMark();
        push(charged(new Dict()));
        setItems(items);
      }
      case Opcode.SETITEM -> setItems(last(2));
      case Opcode.SETITEMS -> setItems(popMark());
      case Opcode.EMPTY_SET -> push(charged(Dict.set()));
      case Opcode.ADDITEMS -> add(popMark());
      case Opcode.FROZENSET -> {
        List<Object> items = popMark();
        push(charged(Dict.set()));
        add(items);
      }
      default -> object(opcode);
    }
  }

  private <T> T charged(T value) {
    budget.heap(CONTAINER);
    return value;
  }

  private void object(int opcode) {
    switch (opcode) {
      case Opcode.GLOBAL -> push(global(in.line(), in.line()));
      case Opcode.STACK_GLOBAL -> {
        List<Object> names = last(2);
        push(global(names.get(0), names.get(1)));
      }
      case Opcode.REDUCE, Opcode.NEWOBJ -> {
        List<Object> call = last(2);
        push(globals.call(call.get(0), tuple(call.get(1))));
      }
      case Opcode.NEWOBJ_EX -> {
        List<Object> call = last(3);
        if (!(call.get(2) instanceof Map<?, ?> named) || !named.isEmpty()) {
          throw globals.refused(call.get(0));
        }
        push(globals.call(call.get(0), tuple(call.get(1))));
      }
      case Opcode.INST -> {
        Global type = global(in.line(), in.line());
        push(globals.call(type, new Tuple(popMark())));
      }
      case Opcode.OBJ -> {
        List<Object> call = popMark();
        if (call.isEmpty()) {
          throw complaints.damaged("its pickle makes an object of no class");
        }
        push(globals.call(call.getFirst(), new Tuple(call.subList(1, call.size()))));
      }
      case Opcode.BUILD -> {
        Object state = pop();
        globals.build(top(), state);
      }
      case Opcode.BINPERSID -> push(persistent.apply(tuple(pop())));
      default ->
          throw complaints.damaged(
              "its pickle has an unknown instruction 0x%02x at byte %s"
                  .formatted(opcode, in.position() - 1));
    }
  }

  // ---- the stack
  // -----------------------------------------------------------------------------------------------------------------------------

  private int floor() {
    return marked == 0 ? 0 : marks[marked - 1];
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object top() {
    if (stack.size() <= floor()) {
      throw complaints.damaged("its pickle takes a value where there is none");
    }
    return stack.getLast();
  }

  private Object pop() {
    Object value = top();
    stack.removeLast();
    return value;
  }

  private void drop() {
    if (stack.size() == floor() && marked > 0) {
      marked--;
    } else {
      pop();
    }
  }

  private List<Object> last(int count) {
    if (stack.size() - count < floor()) {
      throw complaints.damaged("its pickle takes a value where there is none");
    }
    return cut(stack.size() - count);
  }

  private List<Object> cut(int from) {
    budget.heap(CONTAINER + (long) ITEM * (stack.size() - from));
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private void mark() {
    if (marked == marks.length) {
      marks = Arrays.copyOf(marks, 2 * marked);
    }
    marks[marked++] = stack.size();
  }

  private List<Object> popMark() {
    if (marked == 0) {
      throw complaints.damaged("its pickle goes back to a mark where there is none");
    }
    marked--;
    return cut(marks[marked]);
  }

  // ---- values
  // -----------------------------------------------------------------------------------------------------------------------------

  private void protocol(int version) {
    if (version > 5) {
      throw complaints.unsupported("its pickle is of protocol %s, beyond 5".formatted(version));
    }
  }

  private long index() {
    if (in.decimal() instanceof Long index) {
      return index;
    }
    throw complaints.damaged("its pickle remembers a value under a number beyond 64 bits");
  }

  private void remember(long index) {
    budget.heap(ENTRY);
    memo.put(index, top());
  }

  private Object recall(long index) {
    Object value = memo.get(index);
    if (value == null && !memo.containsKey(index)) {
      throw complaints.damaged("its pickle recalls value %s, which is not there".formatted(index));
    }
    return value;
  }

  private String unquoted(String line) {
    boolean quoted =
        line.length() >= 2
            && (line.startsWith("'") && line.endsWith("'")
                || line.startsWith("\"") && line.endsWith("\""));
    if (!quoted) {
      throw complaints.damaged("its pickle has text without quotes");
    }
    return unescaped(line.substring(1, line.length() - 1));
  }

  private String unescaped(String text) {
    if (text.indexOf('\\') >= 0) {
      throw complaints.unsupported("its pickle has text with escapes, of protocol 0");
    }
    return text;
  }

  private Global global(Object module, Object name) {
    if (module instanceof String first && name instanceof String last) {
      String dotted = first + "." + last;
      budget.heap(CONTAINER + dotted.length());
      if (dotted.length() <= LONGEST_GLOBAL && dotted.chars().allMatch(Unpickler::isOfName)) {
        return new Global(dotted);
      }
    }
    throw complaints.damaged("its pickle refers to a global without a name");
  }

  private static boolean isOfName(int c) {
    return c == '.' || c == '<' || c == '>' || Character.isUnicodeIdentifierPart(c);
  }

  private Tuple tuple(Object value) {
    if (value instanceof Tuple tuple) {
      return tuple;
    }
    throw complaints.damaged("its pickle makes a call without arguments");
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> items) {
    if (!(top() instanceof List<?> list)) {
      throw complaints.damaged("its pickle appends to what is no list");
    }
    budget.heap((long) ITEM * items.size());
    ((List<Object>) list).addAll(items);
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> items) {
    if (!(top() instanceof Map<?, ?> map) || items.size() % 2 != 0) {
      throw complaints.damaged("its pickle sets items of what is no dict");
    }
    budget.heap((long) ENTRY / 2 * items.size());
    for (int i = 0; i < items.size(); i += 2) {
      ((Map<Object, Object>) map).put(key(items.get(i)), items.get(i + 1));
    }
  }

  @SuppressWarnings("unchecked")
  private void add(List<Object> items) {
    if (!(top() instanceof Set<?> set)) {
      throw complaints.damaged("its pickle adds to what is no set");
    }
    budget.heap((long) ENTRY * items.size());
    items.forEach(item -> ((Set<Object>) set).add(key(item)));
  }

  /**
   * What stands for {@code value} as a key: text and tuples are short and the tuples flat, because
   * keys are compared.
   */
  private Object key(Object value) {
    return switch (value) {
      case null -> null;
      case String text when text.length() <= LONGEST_KEY_TEXT -> text;
      case Long number -> number;
      case Double number -> number;
      case Boolean flag -> flag;
      case BigInteger number -> number;
      case Global global -> global.name();
      case Tuple tuple when tuple.size() <= LONGEST_KEY -> tupleKey(tuple);
      case String text ->
          throw complaints.unsupported(
              "its pickle uses a text of %s letters as the key of a dict".formatted(text.length()));
      default -> throw complaints.unsupported("its pickle uses an object as the key of a dict");
    };
  }

  private List<Object> tupleKey(Tuple tuple) {
    List<Object> items = new ArrayList<>(tuple.size());
    budget.heap(CONTAINER + (long) ITEM * tuple.size());
    for (Object item : tuple.items()) {
      if (item instanceof Tuple) {
        throw complaints.unsupported("its pickle uses a nested tuple as the key of a dict");
      }
      if (item instanceof String text) {
        budget.steps(text.length() / 16);
      }
      items.add(key(item));
    }
    return Collections.unmodifiableList(items);
  }
}
