package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.DivergenceKernels;

/**
 * Divergence of a student's classes from a teacher's, both softened by a temperature (Hinton et
 * al., "Distilling the Knowledge in a Neural Network", 2015): {@code T^2 mean over rows of KL(p ||
 * q)} with {@code p = softmax(teacher / T)} and {@code q = softmax(student / T)}. The factor keeps
 * gradients at the size they have at T = 1.
 */
public final class KlDivergence {
  private KlDivergence() {}

  /**
   * Computes the loss.
   *
   * @param student logits [B, K]
   * @param teacher logits [B, K]; take no gradient
   * @param temperature T, above 0
   * @param reverse whether it is {@code KL(q || p)} instead
   * @return []
   */
  public static Tensor apply(Tensor student, Tensor teacher, float temperature, boolean reverse) {
    Device device = Expect.sameDevice("klDivergence", student, teacher);
    Expect.dtype("klDivergence", "student", student, DType.F32);
    Expect.dtype("klDivergence", "teacher", teacher, DType.F32);
    Expect.constant("klDivergence", "teacher", teacher);
    Expect.shape("klDivergence", "student", student, -1, -1);
    Expect.shape("klDivergence", "teacher", teacher, student.dim(0), student.dim(1));
    Expect.that(student.size() > 0, "klDivergence: student %s has no elements", student);
    Expect.that(
        temperature > 0 && temperature < Float.POSITIVE_INFINITY,
        "klDivergence: the temperature must be positive, is %s",
        temperature);
    int rows = Expect.size("klDivergence", student.dim(0));
    int classes = Expect.size("klDivergence", student.dim(1));
    Tensor loss = device.empty(DType.F32, Shape.SCALAR);
    device
        .kernels()
        .divergence()
        .forward(
            new DivergenceKernels.KlDivergence(
                of(student), of(teacher), of(loss), rows, classes, temperature, reverse));
    device.record(
        "klDivergence",
        loss,
        (gradients, dloss) -> {
          Gradients.Slot dstudent = gradients.slot(student);
          device
              .kernels()
              .divergence()
              .backward(
                  new DivergenceKernels.KlDivergenceBackward(
                      of(dloss),
                      of(student),
                      of(teacher),
                      of(dstudent),
                      rows,
                      classes,
                      temperature,
                      reverse));
        },
        student);
    return loss;
  }
}
