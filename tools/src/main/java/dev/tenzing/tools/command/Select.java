package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.frames.FrameSelector;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoModel;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.PatchEmbed;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.gallery.ClipPixels;
import dev.tenzing.tools.gallery.FrameSelectionPicture;
import dev.tenzing.tools.gallery.SelectionPicture;
import dev.tenzing.tools.picture.Picture;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.HeadOptions;
import dev.tenzing.video.decode.VideoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code tenzing select}: a picture of the tokens that ReRo selection keeps of a video, and of the
 * frames that were chosen before where they are.
 */
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

  @Mixin private FrameOptions frameOptions;

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

  /** What {@code --json} prints; {@code frames} is null where all are taken. */
  private record Report(
      Path output,
      int tokens,
      int kept,
      int[] perSlot,
      boolean freshEmbedding,
      FramesReport frames) {}

  /**
   * Which frames were chosen.
   *
   * @param candidates frames there were
   * @param kept tokens kept of each of their slots
   * @param chosen the slots chosen
   */
  private record FramesReport(int candidates, int[] kept, int[] chosen) {}

  /**
   * What was drawn.
   *
   * @param picture all of it
   * @param selection the tokens
   * @param frames the frames, or null
   */
  private record Drawn(Picture picture, SelectionPicture selection, FramesReport frames) {}

  @Override
  protected void run(Console console) throws Exception {
    PictureFile target = new PictureFile(output);
    try (Device device = common.openDevice()) {
      Drawn drawn =
          checkpoint == null
              ? withFreshEmbedding(device, console)
              : withCheckpoint(device, console);
      SelectionPicture tokens = drawn.selection;
      target.write(drawn.picture);
      if (drawn.frames != null) {
        console.print(
            "%s of %s frames chosen: slots %s"
                .formatted(
                    drawn.frames.candidates * drawn.frames.chosen.length / drawn.frames.kept.length,
                    drawn.frames.candidates,
                    Arrays.toString(drawn.frames.chosen)));
      }
      console.print(
          "%s of %s tokens kept; picture in %s".formatted(tokens.kept(), tokens.tokens(), output));
      console.result(
          new Report(
              output,
              tokens.tokens(),
              tokens.kept(),
              tokens.perSlot(),
              checkpoint == null,
              drawn.frames));
    }
  }

  private Drawn withCheckpoint(Device device, Console console) throws IOException, VideoException {
    try (ModelFile file = ModelFile.open(checkpoint, heads.hints())) {
      file.notes().forEach(console::note);
      ModelDescription about = file.description();
      try (VideoModel model = file.model(device)) {
        return draw(device, model::tokens, about);
      }
    }
  }

  /**
   * A random linear embedding roughly keeps distances, so importance then measures how much the
   * pixels of a patch change.
   */
  private Drawn withFreshEmbedding(Device device, Console console)
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
          new ModelDescription(config, clip, DEFAULT_STRIDE, new EncoderAlone()));
    } finally {
      parameters.all().values().forEach(Tensor::close);
    }
  }

  private Drawn draw(Device device, UnaryOperator<Tensor> embedding, ModelDescription held)
      throws VideoException {
    ModelDescription about = held.withFrames(frameOptions.over(held.frames()));
    TokenSelection selection =
        keep == null && about.selection() != null
            ? about.selection()
            : new ReRoSelection(1 - (keep == null ? DEFAULT_KEEP : keep));
    try (Arena arena = Arena.ofConfined()) {
      ClipPixels clip =
          ClipPixels.middle(
              video,
              about.loadedClip(),
              about.loaded(stride == null ? about.sampler() : about.sampler().withStride(stride)),
              arena);
      TokenGrid grid = about.clip().grid(about.config());
      if (about.frames() == null) {
        SelectionPicture tokens = SelectionPicture.of(device, embedding, grid, selection, clip);
        return new Drawn(tokens.picture(), tokens, null);
      }
      FrameSelector selector =
          new FrameSelector(about.frames(), selection, about.config(), about.clip(), embedding);
      FrameSelectionPicture frames =
          FrameSelectionPicture.of(device, selector, clip, FrameSelection.testing(video, 0));
      ClipPixels chosen = clip.slots(frames.chosen(), about.config().tubelet(), arena);
      SelectionPicture tokens = SelectionPicture.of(device, embedding, grid, selection, chosen);
      return new Drawn(
          Picture.grid(List.of(List.of(frames.picture()), List.of(tokens.picture())), 0),
          tokens,
          new FramesReport(clip.shape().frames(), frames.perSlot(), frames.chosen()));
    }
  }
}
