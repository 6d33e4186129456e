package dev.tenzing.nn;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameters of a model by their state-dict names, in the order they are made.
 *
 * <p>A model makes one and hands {@linkplain #child children} of it to its layers, so names come
 * out as PyTorch's do: {@code blocks.0.attn.qkv.weight}. Each parameter draws its initial values
 * from its own name, so adding a layer does not change the others.
 */
public final class Parameters {
  // Arrays that the garbage collector handles with ease: whole parameters made the heap grow by 300
  // MiB for ViT-B, which it kept.
  private static final int PIECE = 1 << 16;

  private final Device device;
  private final Rng rng;
  private final String prefix;
  private final Map<String, Tensor> all;

  private Parameters(Device device, Rng rng, String prefix, Map<String, Tensor> all) {
    this.device = device;
    this.rng = rng;
    this.prefix = prefix;
    this.all = all;
  }

  /** The parameters of a new model. */
  public Parameters(Device device, Rng rng) {
    this(device, rng.purpose("init"), "", new LinkedHashMap<>());
  }

  /** The device they live on. */
  public Device device() {
    return device;
  }

  /** Those of a part of the model, named {@code name.*}. */
  public Parameters child(String name) {
    return new Parameters(device, rng, prefix + name + ".", all);
  }

  /** Makes a parameter: F32, collecting a gradient, living until it is closed. */
  public Tensor add(String name, Shape shape, Initializer initializer) {
    String full = prefix + name;
    Tensor parameter = device.persistent(DType.F32, shape).requiresGrad().named(full);
    if (!device.isMeta()) {
      fill(parameter, initializer, rng.purpose(full).at(0, 0));
    }
    if (all.put(full, parameter) != null) {
      throw new IllegalStateException("two parameters are named " + full);
    }
    return parameter;
  }

  private static void fill(Tensor parameter, Initializer initializer, Rng.Stream draws) {
    long size = parameter.size();
    try (Tensor constant = parameter.detach();
        Tensor line = constant.reshape(size)) {
      for (long from = 0; from < size; from += PIECE) {
        float[] values = new float[(int) Math.min(PIECE, size - from)];
        initializer.fill(values, parameter.shape(), draws);
        try (Tensor piece = line.slice(from, from + values.length)) {
          piece.copyFrom(values);
        }
      }
    }
  }

  /** All of the model's, whichever part this is, by name. */
  public Map<String, Tensor> all() {
    return Collections.unmodifiableMap(all);
  }
}
