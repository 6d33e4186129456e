package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.PatchEmbed;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.gallery.ClipPixels;
import dev.tenzing.tools.gallery.SelectionPicture;
import dev.tenzing.tools.run.HeadOptions;
import dev.tenzing.video.decode.VideoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tenzing select}: a picture of the tokens that ReRo selection keeps of a video. */
@Command
public final class Select extends ToolCommand {
  private static final double DEFAULT_KEEP = 0.3;
  private static final int DEFAULT_STRIDE = 4;

  @Parameters(paramLabel = "VIDEO", description = "the clip is taken from its middle")
  private Path video;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.png",
      description = "picture to write")
  private Path output;

  @Option(
      names = "--checkpoint",
      paramLabel = "CKPT",
      description = {
        "run or checkpoint of any format whose patch embedding measures importance,",
        "and whose clips are used (default: a fresh embedding)"
      })
  private Path checkpoint;

  @Mixin private HeadOptions heads;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description = "share of tokens to keep (default: the checkpoint's, else 0.3)")
  private Double keep;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "frames from one frame to the next (default: the checkpoint's, else 4)")
  private Integer stride;

  @Option(
      names = "--model",
      defaultValue = "vit-s",
      description = "without --checkpoint: the model's size (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--frames",
      defaultValue = "16",
      paramLabel = "N",
      description = "without --checkpoint: frames of the clip (default: ${DEFAULT-VALUE})")
  private int frames;

  @Option(
      names = "--size",
      defaultValue = "224",
      paramLabel = "PIXELS",
      description = "without --checkpoint: side of the clip (default: ${DEFAULT-VALUE})")
  private int size;

  /** What {@code --json} prints. */
  private record Report(Path output, int tokens, int kept, int[] perSlot, boolean freshEmbedding) {}

  @Override
  protected void run(Console console) throws Exception {
    PictureFile target = new PictureFile(output);
    try (Device device = common.openDevice()) {
      SelectionPicture drawn =
          checkpoint == null ? withFreshEmbedding(device, console) : withCheckpoint(device);
      target.write(drawn.picture());
      console.print(
          "%d of %d tokens kept; picture in %s".formatted(drawn.kept(), drawn.tokens(), output));
      console.result(
          new Report(output, drawn.tokens(), drawn.kept(), drawn.perSlot(), checkpoint == null));
    }
  }

  private SelectionPicture withCheckpoint(Device device) throws IOException, VideoException {
    try (ModelFile file = ModelFile.open(checkpoint, heads.hints())) {
      ModelDescription about = file.description();
      if (about.classifier() != null) {
        try (VideoClassifier classifier = file.classifier(device)) {
          ReRoSelection own = about.classifier().selection();
          return draw(
              device, classifier::tokens, about, own == null ? DEFAULT_KEEP : 1 - own.removed());
        }
      }
      try (MaskedAutoencoder autoencoder = file.autoencoder(device)) {
        boolean selects = about.pretraining().method().selects();
        return draw(
            device,
            autoencoder::tokens,
            about,
            selects ? about.pretraining().keep() : DEFAULT_KEEP);
      }
    }
  }

  /**
   * A random linear embedding roughly keeps distances, so importance then measures how much the
   * pixels of a patch change.
   */
  private SelectionPicture withFreshEmbedding(Device device, Console console)
      throws IOException, VideoException {
    console.note(
        "no --checkpoint: a fresh embedding measures importance, which is how much pixels change");
    VitConfig config = VitConfig.named(model);
    ClipShape clip = ClipShape.square(frames, size);
    clip.grid(config);
    var parameters = new dev.tenzing.nn.Parameters(device, Rng.seed(common.seed()));
    PatchEmbed embed =
        PatchEmbed.create(parameters, config.width(), config.tubelet(), config.patch());
    try {
      return draw(
          device,
          pixels -> embed.forward(Patchify.apply(pixels, config.tubelet(), config.patch())),
          new ModelDescription(config, clip, DEFAULT_STRIDE, null, null, List.of()),
          DEFAULT_KEEP);
    } finally {
      parameters.all().values().forEach(Tensor::close);
    }
  }

  private SelectionPicture draw(
      Device device, UnaryOperator<Tensor> embedding, ModelDescription about, double defaultKeep)
      throws VideoException {
    ReRoSelection selection = new ReRoSelection(1 - (keep == null ? defaultKeep : keep), 0);
    try (Arena arena = Arena.ofConfined()) {
      ClipPixels clip =
          ClipPixels.middle(
              video,
              about.clip(),
              stride == null ? about.sampler() : about.sampler().withStride(stride),
              arena);
      return SelectionPicture.of(
          device, embedding, about.clip().grid(about.config()), selection, clip);
    }
  }
}
