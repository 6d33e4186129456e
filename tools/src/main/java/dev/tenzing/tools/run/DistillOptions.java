package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.DistillRecipe;
import dev.tenzing.tools.cli.Heading;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that only distillation has. */
@Heading("Distillation")
public final class DistillOptions {
  /** The teacher. */
  @Option(
      names = "--teacher",
      required = true,
      paramLabel = "CKPT",
      description = "run or checkpoint of any format with the classifier to learn from")
  public Path teacher;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      paramLabel = "T",
      description =
          "divides the logits of both, so that more of the classes not chosen shows (default:"
              + " ${DEFAULT-VALUE})")
  private double temperature;

  @Option(
      names = "--alpha",
      defaultValue = "1",
      description =
          "the teacher's share of the loss; the rest is that of the labels (default:"
              + " ${DEFAULT-VALUE})")
  private double alpha;

  @Option(
      names = "--unlabelled",
      description = "the list has no labels, as for pretrain; the teacher alone is followed")
  private boolean unlabelled;

  /** The teacher asked for. */
  public DistillRecipe recipe() {
    return new DistillRecipe(teacher, temperature, alpha, unlabelled);
  }
}
