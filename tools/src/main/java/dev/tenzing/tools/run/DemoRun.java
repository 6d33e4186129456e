package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.AugmentRecipe;
import dev.tenzing.everest.recipe.ClassifierRecipe;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.recipe.FinetuneRecipe;
import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.recipe.ModelRecipe;
import dev.tenzing.everest.recipe.Optimisation;
import dev.tenzing.everest.recipe.PretrainRecipe;
import dev.tenzing.everest.recipe.Saving;
import dev.tenzing.everest.recipe.Start;
import dev.tenzing.everest.recipe.Validation;
import dev.tenzing.everest.run.FinetuneRun;
import dev.tenzing.everest.run.PretrainRun;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.everest.run.RunOutcome;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.everest.training.MetricsLog;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.gallery.ClipPixels;
import dev.tenzing.tools.gallery.ReconstructionPicture;
import dev.tenzing.tools.gallery.SelectionPicture;
import dev.tenzing.tools.report.HtmlReport;
import dev.tenzing.tools.report.SvgChart;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The whole story on a small scale: make labelled videos, pre-train with EVEREST, fine-tune,
 * evaluate, and tell it on one page.
 *
 * @param output folder of everything it makes
 * @param classes classes of the made videos
 * @param trainPerClass videos of each class to train on
 * @param valPerClass videos of each class to evaluate on
 * @param pretrainEpochs passes of pre-training
 * @param finetuneEpochs passes of fine-tuning
 * @param seed seed of everything random
 * @param common options of device, precision, threads and seed, to be written down
 */
public record DemoRun(
    Path output,
    int classes,
    int trainPerClass,
    int valPerClass,
    int pretrainEpochs,
    int finetuneEpochs,
    long seed,
    Map<String, Object> common) {
  private static final int VIDEO_SIZE = 80;
  private static final int CLIP_SIZE = 64;
  private static final int STRIDE = 2;
  private static final int BATCH = 16;
  private static final int EXAMPLES = 3;

  /** What it came to: pre-training, fine-tuning, accuracy, and the page that tells it. */
  public record Outcome(
      TrainingResult pretraining,
      TrainingResult finetuning,
      EvaluationResult evaluation,
      Path report) {}

  /** Runs it all; what a previous run in the same folder has finished is not done again. */
  public Outcome run(Device device, Console console)
      throws IOException, VideoException, VideoListException {
    Signals.atOnce("stopped; what is there is kept, and the same command goes on");
    try (RunLock lock = RunLock.acquire(output, "tenzing demo")) {
      return tell(device, console);
    }
  }

  private Outcome tell(Device device, Console console)
      throws IOException, VideoException, VideoListException {
    Path videos = videos(console);
    Path list = videos.resolve("train.csv");
    DataRecipe data = DataRecipe.of(list).clips(16, STRIDE, CLIP_SIZE).cached(512);
    ModelRecipe tiny = ModelRecipe.of(VitConfig.TINY.name());
    Optimisation fast = Optimisation.OFFICIAL.withLr(1.6e-2);
    Path pretrained = output.resolve("pretrain");
    PretrainRecipe before =
        PretrainRecipe.of(
                Method.EVEREST, data, tiny, Length.epochs(pretrainEpochs, BATCH), pretrained)
            .with(fast)
            .seeded(seed);
    RunOutcome first =
        new PretrainRun(before).run(device, ConsoleListener.ofRun(console, this::options));
    new RunOutput(first).endIfStopped();
    // A model this small on so few videos learns faster without what keeps large ones from
    // memorising.
    ClassifierRecipe bold = new ClassifierRecipe(0, false, 1, null, 0, 0, 0, false, 0, 1);
    FinetuneRecipe after =
        new FinetuneRecipe(
            bold,
            null,
            AugmentRecipe.small(false),
            new Validation(videos.resolve("val.csv"), new Views(2, 1), false),
            Start.from(pretrained),
            data,
            tiny,
            Length.epochs(finetuneEpochs, BATCH),
            fast.withLayerDecay(1),
            Saving.in(output.resolve("finetune")),
            seed);
    RunOutcome second =
        new FinetuneRun(after).run(device, ConsoleListener.ofRun(console, this::options));
    new RunOutput(second).endIfStopped();
    Path report = report(videos, first.training(), second, device);
    return new Outcome(first.training(), second.training(), second.evaluation(), report);
  }

  private Path videos(Console console) throws IOException {
    Path folder = output.resolve("videos");
    SyntheticActions actions =
        new SyntheticActions(classes, trainPerClass, valPerClass, VIDEO_SIZE, seed);
    // The lists are written last, so their presence says that the videos are whole.
    if (!Files.exists(folder.resolve("classes.txt"))) {
      try (Progress progress = console.progress("synth", actions.videos())) {
        actions.write(folder, done -> progress.update(done, done, 0, ""));
      }
    }
    return folder;
  }

  /** All options of a run, as if they had been given. */
  private Map<String, Object> options(Map<String, Object> settled) {
    Map<String, Object> all = new LinkedHashMap<>(settled);
    all.putAll(common);
    return all;
  }

  private Path report(Path videos, TrainingResult first, RunOutcome second, Device device)
      throws IOException, VideoException, VideoListException {
    EvaluationResult accuracy = second.evaluation();
    HtmlReport report =
        new HtmlReport(
            "EVEREST from nothing to a classifier",
            "%s made videos of %s motions; classes differ by motion alone"
                .formatted(classes * (trainPerClass + valPerClass), classes));
    Map<String, String> numbers = new LinkedHashMap<>();
    numbers.put("top-1", String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.top1()));
    numbers.put("chance", String.format(Locale.ROOT, "%.1f %%", 100.0 / classes));
    numbers.put("pre-training", String.format(Locale.ROOT, "%.0f clips/s", first.clipsPerSecond()));
    numbers.put(
        "fine-tuning",
        String.format(Locale.ROOT, "%.0f clips/s", second.training().clipsPerSecond()));
    report.numbers(numbers);
    curve(report, "Pre-training loss", "pretrain");
    curve(report, "Fine-tuning loss", "finetune");
    VideoList val =
        VideoList.read(videos.resolve("val.csv"), null, VideoList.Labels.REQUIRED, classes);
    RunReport.accuracy(report, accuracy, val.classNames());
    pictures(report, val, device);
    Path page = output.resolve("report.html");
    report.write(page);
    return page;
  }

  private void curve(HtmlReport report, String title, String run) throws IOException {
    List<Map<String, Object>> lines =
        MetricsLog.read(new RunFolder(output.resolve(run)), damage -> {});
    report
        .section(title)
        .chart(
            new SvgChart(title, "step", "loss")
                .series("loss", RunReport.column(lines, "step"), RunReport.column(lines, "loss")));
  }

  private void pictures(HtmlReport report, VideoList val, Device device)
      throws IOException, VideoException {
    report.section("What EVEREST looks at, and what it predicts");
    try (ModelFile file = ModelFile.open(output.resolve("pretrain"));
        MaskedAutoencoder model = file.autoencoder(device);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < EXAMPLES; i++) {
        Path video = val.videos().get(i * val.videos().size() / EXAMPLES).path();
        ClipPixels clip =
            ClipPixels.middle(
                video, file.description().clip(), file.description().sampler(), arena);
        SelectionPicture selection =
            SelectionPicture.of(
                device, model::tokens, model.grid(), ReRoSelection.pretraining(), clip);
        report.picture(selection.picture(), "ReRo tokens of " + video.getFileName());
        ReconstructionPicture reconstruction =
            ReconstructionPicture.of(
                device,
                model,
                file.description().pretraining().orElseThrow(),
                clip,
                Rng.seed(seed));
        report.picture(reconstruction.picture(), "Reconstruction of " + video.getFileName());
      }
    }
  }
}
