package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.gallery.ClipPixels;
import dev.tenzing.tools.gallery.ReconstructionPicture;
import dev.tenzing.tools.run.CheckpointOptions;
import dev.tenzing.tools.run.MaskOptions;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenzing reconstruct}: a picture of what a masked autoencoder predicts of a video. */
@Command
public final class Reconstruct extends ToolCommand {
  @Mixin private MaskOptions masks;

  @Parameters(paramLabel = "VIDEO", description = "the clip is taken from its middle")
  private Path video;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "CKPT",
      description = "pre-training run or checkpoint of any format")
  private Path checkpoint;

  @Mixin private CheckpointOptions options;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.png",
      description = "picture to write")
  private Path output;

  /** What {@code --json} prints. */
  private record Report(Path output, double loss, int tokens, int visible, int predicted) {}

  @Override
  protected void run(Console console) throws Exception {
    PictureFile target = new PictureFile(output);
    try (ModelFile file = ModelFile.open(checkpoint, options.hints(null));
        Device device = common.openDevice();
        MaskedAutoencoder model = file.autoencoder(device);
        Arena arena = Arena.ofConfined()) {
      file.notes().forEach(console::note);
      ModelDescription about = file.description();
      Pretraining how = masks.over(about.pretraining().orElseThrow());
      ClipPixels clip = ClipPixels.middle(video, about.clip(), about.sampler(), arena);
      ReconstructionPicture drawn =
          ReconstructionPicture.of(device, model, how, clip, Rng.seed(common.seed()));
      target.write(drawn.picture());
      console.print(
          String.format(
              Locale.ROOT,
              "loss %.4f on %d tokens predicted from %d of %d; picture in %s",
              drawn.loss(),
              drawn.predicted(),
              drawn.visible(),
              drawn.tokens(),
              output));
      console.result(
          new Report(output, drawn.loss(), drawn.tokens(), drawn.visible(), drawn.predicted()));
    }
  }
}
