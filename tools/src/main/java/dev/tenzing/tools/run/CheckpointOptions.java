package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.tools.cli.Heading;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a checkpoint of another program may not say of its model and of its clips. */
@Heading("Checkpoint")
public final class CheckpointOptions {
  @Mixin private HeadOptions heads;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "frames of a clip (default: the checkpoint's, else 16)")
  private Integer frames;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "side of a clip (default: the checkpoint's, else 224)")
  private Integer size;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "frames from one frame to the next (default: the checkpoint's, else 4)")
  private Integer stride;

  /**
   * What they say of a checkpoint.
   *
   * @param keep share of tokens that a classifier's selection keeps, or null
   */
  public Hints hints(Double keep) {
    return new Hints(heads.heads, heads.decoderHeads, frames, size, stride, keep);
  }
}
