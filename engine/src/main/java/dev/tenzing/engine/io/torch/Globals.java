package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.StoredType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What stands for the calls of Python functions that checkpoints hold: a fixed list. */
final class Globals {
  /** Classes whose objects stay names with attributes. */
  private static final Set<String> OBJECTS =
      Set.of(
          "argparse.Namespace",
          "types.SimpleNamespace",
          "datetime.datetime",
          "datetime.date",
          "datetime.timedelta",
          "__builtin__.complex",
          "builtins.complex",
          "__builtin__.slice",
          "builtins.slice",
          "builtins.range",
          "torch.serialization._get_layout");

  /** Classes of dicts. */
  private static final Set<String> DICTS =
      Set.of(
          "collections.OrderedDict",
          "collections.Counter",
          "__builtin__.dict",
          "builtins.dict",
          "pytorch_lightning.utilities.parsing.AttributeDict",
          "lightning_fabric.utilities.data.AttributeDict",
          "lightning.fabric.utilities.data.AttributeDict",
          "easydict.EasyDict",
          "yacs.config.CfgNode",
          "addict.addict.Dict");

  // What an object takes in the heap, about, and a reference or an entry in it.
  private static final int OBJECT = 128;
  private static final int ITEM = 4;
  private static final int ENTRY = 96;

  private static final String REBUILD_FROM_TYPE = "torch._tensor._rebuild_from_type_v2";

  private final Complaints complaints;
  private final Budget budget;
  private final UnaryOperator<Object> key;
  private final NumpyGlobals numpy;

  /**
   * The list.
   *
   * @param key what stands for a value as a key
   */
  Globals(Complaints complaints, Budget budget, UnaryOperator<Object> key) {
    this.complaints = complaints;
    this.budget = budget;
    this.key = key;
    this.numpy = new NumpyGlobals(complaints, budget);
  }

  /** The refusal to call {@code callable}. */
  TorchException refused(Object callable) {
    String name = callable instanceof Global global ? global.name() : "what is no global";
    return complaints.unsupported(
        "its pickle calls %s, which is code, not data, so nothing of it was run; save the"
                .formatted(callable instanceof Global ? quote(name) : name)
            + " state_dict alone with PyTorch");
  }

  /** The value of {@code callable(*arguments)}. */
  Object call(Object callable, Tuple arguments) {
    if (!(callable instanceof Global global)) {
      throw refused(callable);
    }
    String name = global.name();
    budget.heap(OBJECT);
    if (OBJECTS.contains(name)) {
      return new RawObject(name, arguments.size() == 0 ? null : arguments);
    }
    if (DICTS.contains(name)) {
      return dict(arguments);
    }
    if (NumpyGlobals.has(name)) {
      return numpy.call(name, arguments);
    }
    return switch (name) {
      case "collections.defaultdict" -> new Dict();
      case "__builtin__.set", "builtins.set", "__builtin__.frozenset", "builtins.frozenset" ->
          set(arguments);
      case "__builtin__.list", "builtins.list" -> new ArrayList<>(items(arguments));
      case "__builtin__.tuple", "builtins.tuple", "torch.Size" ->
          new Tuple(new ArrayList<>(items(arguments)));
      case "_codecs.encode" -> encode(arguments);
      case "__builtin__.bytearray", "builtins.bytearray", "__builtin__.bytes", "builtins.bytes" ->
          bytes(arguments);
      case "copy_reg._reconstructor", "copyreg._reconstructor" ->
          call(
              arguments.get(0),
              arguments.get(2) == null ? Tuple.EMPTY : new Tuple(List.of(arguments.get(2))));
      case "torch.device" -> device(arguments);
      case "torch.torch_version.TorchVersion" -> text(arguments, 0);
      case "pathlib.PosixPath",
          "pathlib.PurePosixPath",
          "pathlib.WindowsPath",
          "pathlib.PureWindowsPath",
          "pathlib._local.PosixPath",
          "pathlib._local.WindowsPath" ->
          path(arguments);
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
          tensor(arguments, null);
      case "torch._utils._rebuild_tensor_v3" -> tensor(arguments, arguments.get(6));
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          rebuilt(arguments.get(0));
      case REBUILD_FROM_TYPE -> {
        if (global.equals(arguments.get(0))) {
          throw refused(global); // one within the other, to any depth
        }
        yield rebuilt(call(arguments.get(0), nested(arguments, 2)));
      }
      default -> {
        if (name.startsWith("torch._utils._rebuild_")) {
          throw complaints.unsupported(
              "it holds a tensor that is not dense (%s), which is not supported"
                  .formatted(quote(name)));
        }
        throw refused(global);
      }
    };
  }

  /** Gives {@code target} its state. */
  void build(Object target, Object state) {
    switch (target) {
      case RawObject object -> object.build(state);
      case NumpyType type -> numpy.build(type, state);
      case NumpyArray array -> numpy.build(array, state);
      case Map<?, ?> dict -> {} // attributes of a dict, such as a state dict's version numbers
      case null, default ->
          throw complaints.unsupported("its pickle gives a state to what takes none");
    }
  }

  // ---- containers
  // -----------------------------------------------------------------------------------------------------------------------------

  private Collection<?> items(Tuple arguments) {
    Collection<?> items =
        switch (arguments.get(0)) {
          case Tuple tuple -> tuple.items();
          case Collection<?> collection -> collection;
          case null -> List.of();
          default -> throw complaints.damaged("its pickle makes a collection of what is none");
        };
    budget.steps(items.size());
    budget.heap((long) ITEM * items.size());
    return items;
  }

  private Map<Object, Object> dict(Tuple arguments) {
    Map<Object, Object> dict = new Dict();
    if (arguments.get(0) instanceof Map<?, ?> map) {
      budget.steps(map.size());
      budget.heap((long) ENTRY * map.size());
      dict.putAll(map);
      return dict;
    }
    for (Object item : items(arguments)) {
      List<?> pair =
          switch (item) {
            case Tuple tuple -> tuple.items();
            case List<?> list -> list;
            case null, default -> List.of();
          };
      if (pair.size() != 2) {
        throw complaints.damaged("its pickle makes a dict of what are no pairs");
      }
      budget.heap(ENTRY);
      dict.put(key.apply(pair.get(0)), pair.get(1));
    }
    return dict;
  }

  private Set<Object> set(Tuple arguments) {
    Set<Object> set = Dict.set();
    items(arguments)
        .forEach(item -> {
          budget.heap(ENTRY);
          set.add(key.apply(item));
        });
    return set;
  }

  // ---- text and bytes
  // -----------------------------------------------------------------------------------------------------------------------------

  private String text(Tuple arguments, int i) {
    if (arguments.get(i) instanceof String text) {
      return text;
    }
    throw complaints.damaged("its pickle makes a call without the text that it needs");
  }

  private byte[] encode(Tuple arguments) {
    String text = text(arguments, 0);
    String encoding = text(arguments, 1);
    if (!encoding.equals("latin1") && !encoding.equals("latin-1")) {
      throw complaints.unsupported(
          "its pickle encodes text as %s, not as latin1".formatted(quote(encoding)));
    }
    budget.bytes(text.length());
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] bytes(Tuple arguments) {
    return switch (arguments.get(0)) {
      case null -> new byte[0];
      case byte[] bytes -> bytes;
      case String text -> encode(arguments);
      default -> throw complaints.damaged("its pickle makes bytes of what are none");
    };
  }

  private String device(Tuple arguments) {
    String type = text(arguments, 0);
    if (!(arguments.get(1) instanceof Long index)) {
      return type;
    }
    budget.bytes(type.length());
    return type + ":" + index;
  }

  private String path(Tuple arguments) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < arguments.size(); i++) {
      String part = text(arguments, i);
      budget.bytes(part.length());
      path.append(path.isEmpty() || path.charAt(path.length() - 1) == '/' ? "" : "/").append(part);
    }
    return path.toString();
  }

  // ---- tensors
  // -----------------------------------------------------------------------------------------------------------------------------

  private RawTensor rebuilt(Object value) {
    return switch (value) {
      case RawTensor tensor -> tensor;
      case null, default ->
          throw complaints.damaged("its pickle makes a parameter of what is no tensor");
    };
  }

  private Tuple nested(Tuple arguments, int i) {
    if (arguments.get(i) instanceof Tuple tuple) {
      return tuple;
    }
    throw complaints.damaged("its pickle makes a call without arguments");
  }

  private RawTensor tensor(Tuple arguments, Object dtype) {
    if (!(arguments.get(0) instanceof StorageRef ref)
        || !(arguments.get(1) instanceof Long offset)
        || !(arguments.get(2) instanceof Tuple shape)
        || !(arguments.get(3) instanceof Tuple strides)) {
      throw complaints.damaged(
          "its pickle makes a tensor without storage, offset, sizes or strides");
    }
    StoredType type = dtype == null ? ref.type() : typeOf(dtype);
    return new RawTensor(ref, null, type, offset, longs(shape), longs(strides));
  }

  private StoredType typeOf(Object dtype) {
    String name = dtype instanceof Global global ? global.name() : "no type";
    return switch (name) {
      case "torch.float64" -> StoredType.F64;
      case "torch.float32" -> StoredType.F32;
      case "torch.float16" -> StoredType.F16;
      case "torch.bfloat16" -> StoredType.BF16;
      case "torch.int64" -> StoredType.I64;
      case "torch.int32" -> StoredType.I32;
      case "torch.int16" -> StoredType.I16;
      case "torch.int8" -> StoredType.I8;
      case "torch.uint8" -> StoredType.U8;
      case "torch.bool" -> StoredType.BOOL;
      default ->
          throw complaints.unsupported(
              "it holds a tensor of %s, which is not supported".formatted(quote(name)));
    };
  }

  private long[] longs(Tuple values) {
    if (values.size() > TensorView.MOST_DIMENSIONS) {
      throw complaints.damaged(
          "its pickle makes a tensor of %s dimensions".formatted(values.size()));
    }
    return values.items().stream()
        .mapToLong(value -> {
          if (value instanceof Long number) {
            return number;
          }
          throw complaints.damaged("its pickle makes a tensor with a size that is no integer");
        })
        .toArray();
  }
}
