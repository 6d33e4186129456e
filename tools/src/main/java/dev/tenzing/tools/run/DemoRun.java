package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.training.MetricsLog;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
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
    Pretraining pretraining = Pretraining.official(Method.EVEREST);
    Path pretrained = output.resolve("pretrain");
    TrainingOptions training = training(pretrained, pretrainEpochs, 1.6e-2);
    DataOptions data = data(videos);
    MaskOptions masks = new MaskOptions();
    masks.settle(pretraining);
    PretrainRun.Outcome before =
        new PretrainRun(
                VitConfig.TINY,
                null,
                pretraining,
                null,
                data,
                training,
                seed,
                () -> options("method", Method.EVEREST.label(), data, training, masks))
            .run(device, console);
    TrainingResult first = before.training();
    before.record().endIfStopped(first);
    FinetuneOptions finetune = new FinetuneOptions();
    finetune.checkpoint = pretrained;
    finetune.val = videos.resolve("val.csv");
    finetune.augment.noMirror = true;
    finetune.views = "2x1";
    // A model this small on so few videos learns faster without what keeps large ones from
    // memorising.
    finetune.layerDecay = 1.0;
    finetune.initScale = 1;
    finetune.dropPath = 0;
    finetune.smoothing = 0;
    Path tuned = output.resolve("finetune");
    DataOptions labelled = data(videos);
    TrainingOptions tuning = training(tuned, finetuneEpochs, 1.6e-2);
    FinetuneRun.Outcome second =
        new FinetuneRun(
                finetune,
                null,
                labelled,
                tuning,
                seed,
                () -> options("checkpoint", pretrained.toString(), labelled, tuning, finetune))
            .run(device, console);
    second.record().endIfStopped(second.training());
    Path report = report(videos, first, second, device);
    return new Outcome(first, second.training(), second.evaluation(), report);
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

  private static DataOptions data(Path videos) {
    DataOptions data = new DataOptions();
    data.data = videos.resolve("train.csv");
    data.frames = 16;
    data.stride = STRIDE;
    data.size = CLIP_SIZE;
    data.decodeThreads = 2;
    data.cacheMib = 512;
    return data;
  }

  private static TrainingOptions training(Path run, int epochs, double lr) {
    TrainingOptions training = new TrainingOptions();
    training.output = run;
    training.model = VitConfig.TINY.name();
    training.epochs = epochs;
    training.batch = BATCH;
    training.lr = lr;
    return training;
  }

  /** All options of a run, as if they had been given. */
  private Map<String, Object> options(String key, String value, Object... groups) {
    Map<String, Object> all = OptionValues.of(groups);
    all.put(key, value);
    all.putAll(common);
    return all;
  }

  private Path report(Path videos, TrainingResult first, FinetuneRun.Outcome second, Device device)
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
