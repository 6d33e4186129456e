package dev.tenzing.engine.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * The computations a back end implements, composed of small families. Every method of a family
 * takes one {@link KernelCall}: a record of its operands and sizes, which says what is computed.
 *
 * <p>Unless said otherwise elements are F32, and outputs do not overlap inputs. Activations between
 * matrix products, and their gradients, are F32 or, on a back end whose {@link
 * Backend#activations()} say so, BF16. The arithmetic is in F32 either way; parameters and their
 * gradients are always F32.
 *
 * <p>Callers (the operations in {@code dev.tenzing.engine.op}) have checked shapes; kernels check
 * nothing. Letters: B batch, N tokens, C width, H heads, D head size, T frames or slots, M rows, K
 * inner size.
 */
public record Kernels(
    LinearKernels linear,
    AttentionKernels attention,
    CosineHeadKernels cosineHeads,
    LayerNormKernels layerNorm,
    SoftmaxKernels softmax,
    PointwiseKernels pointwise,
    FunctionKernels functions,
    LayoutKernels layout,
    ResidualKernels residual,
    DropoutKernels dropout,
    ReductionKernels reductions,
    TokenKernels tokens,
    RankingKernels ranking,
    VideoKernels video,
    PatchTargetKernels patchTargets,
    LossKernels losses,
    DivergenceKernels divergence,
    OptimizerKernels optimizer) {

  /** Runs, or does not run, a call of a kernel. */
  @FunctionalInterface
  public interface Interceptor {
    /**
     * Takes the place of a call.
     *
     * @param kernel runs the call
     * @return what the kernel returns, null where it returns nothing
     */
    Object call(KernelCall call, Kernel kernel) throws ReflectiveOperationException;
  }

  /** A kernel of a back end with the arguments of a call. */
  @FunctionalInterface
  public interface Kernel {
    /** Runs it and returns what it returns, null where it returns nothing. */
    Object run() throws ReflectiveOperationException;
  }

  /**
   * These kernels behind an interceptor, whichever they are: a new one needs nothing here. A call
   * takes about a microsecond longer.
   */
  public Kernels behind(Interceptor interceptor) {
    return compose(component -> {
      Object family = family(component);
      return (method, call) -> interceptor.call(call, () -> method.invoke(family, call));
    });
  }

  /** Kernels that consist of an interceptor. What it is given to run throws. */
  public static Kernels of(Interceptor interceptor) {
    return compose(component ->
        (method, call) ->
            interceptor.call(
                call,
                () -> {
                  throw new UnsupportedOperationException(call.kernel());
                }));
  }

  private interface Target {
    Object invoke(Method method, KernelCall call) throws ReflectiveOperationException;
  }

  private interface Targets {
    Target of(RecordComponent component);
  }

  private static Kernels compose(Targets targets) {
    RecordComponent[] components = Kernels.class.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] families =
        Arrays.stream(components)
            .map(component -> proxy(component.getType(), targets.of(component)))
            .toArray();
    try {
      return Kernels.class.getDeclaredConstructor(types).newInstance(families);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("a record has a constructor of its components", e);
    }
  }

  private static Object proxy(Class<?> family, Target target) {
    return Proxy.newProxyInstance(
        family.getClassLoader(),
        new Class<?>[] {family},
        (proxy, method, arguments) -> {
          try {
            return target.invoke(method, (KernelCall) arguments[0]);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private Object family(RecordComponent component) {
    try {
      return component.getAccessor().invoke(this);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("a record has accessors of its components", e);
    }
  }
}
