package dev.tenzing.tools.run;

import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import picocli.CommandLine.Option;

/** Options that say how tokens are hidden. What is not given is taken from elsewhere. */
@Heading("Masks")
public final class MaskOptions {
  private static final String NO_MASK = "none";

  /** Share hidden from the encoder. */
  @Option(
      names = "--mask-ratio",
      paramLabel = "SHARE",
      description =
          "share of tokens the encoder does not see (default: the method's or as trained)")
  public Double maskRatio;

  /** Share kept by selection. */
  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "everest: share of tokens its selection keeps (default: 0.3 or as trained)")
  public Double keep;

  /** What is left out of the decoder. */
  @Option(
      names = "--decoder-mask",
      paramLabel = "MASK",
      description =
          "other methods: tokens left out of the decoder; running-cell:0.5, frame:0.5, random:0.5,"
              + " tube:0.5 or none (default: the method's or as trained)")
  public String decoderMask;

  /**
   * The given settings in place of others, which stay where nothing is given.
   *
   * @throws UsageException when one is given that the method does not have
   */
  public Pretraining over(Pretraining defaults) {
    if (keep != null && !defaults.method().selects()) {
      throw new UsageException(
          "--keep is for --method everest; %s has no selection"
              .formatted(defaults.method().label()));
    }
    return new Pretraining(
        defaults.method(),
        maskRatio == null ? defaults.maskRatio() : maskRatio,
        keep == null ? defaults.keep() : keep,
        decoderMask == null ? defaults.decoderMask() : parse(decoderMask),
        defaults.normalizeTargets());
  }

  private static TokenMask parse(String spec) {
    try {
      return spec.equals(NO_MASK) ? null : TokenMask.parse(spec);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--decoder-mask: " + e.getMessage());
    }
  }
}
