package dev.tenzing.tools.run;

import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.tools.cli.Heading;
import picocli.CommandLine.Option;

/** What a checkpoint of another program may not say: no tensor's shape tells the heads. */
@Heading("Attention heads")
public final class HeadOptions {
  /** H. */
  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "attention heads of a checkpoint that does not say (default: by its width)")
  public Integer heads;

  /** H of the decoder. */
  @Option(names = "--decoder-heads", paramLabel = "N", description = "the same for its decoder")
  public Integer decoderHeads;

  /** What they say of a checkpoint. */
  public Hints hints() {
    return new Hints(heads, decoderHeads, null, null, null, null);
  }
}
