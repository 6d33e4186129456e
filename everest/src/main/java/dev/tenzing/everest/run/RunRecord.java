package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.MetricsLog;
import dev.tenzing.everest.training.Provenance;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.video.list.VideoList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run was asked to do and what that came to.
 *
 * @param command the command's name
 * @param folder where it is kept
 * @param options every option by its key, settled
 * @param list the videos
 * @param classNames names of the classes; empty when unknown
 * @param settings of the loop
 * @param views clips of each video of a batch
 */
public record RunRecord(
    String command,
    RunFolder folder,
    Map<String, Object> options,
    VideoList list,
    List<String> classNames,
    Trainer.Settings settings,
    int views) {
  private static final List<String> PATHS =
      List.of("data", "data-root", "checkpoint", "teacher", "val", "output");

  /** Where the run begins, without changing anything; see {@link RunStart#of}. */
  RunStart start(String resume, RunListener listener) throws IOException {
    return RunStart.of(folder, resume, compared(), listener::note);
  }

  /** What is compared when the run goes on: options, wherever they are given from, and facts. */
  private Map<String, Object> compared() {
    Map<String, Object> compared = new LinkedHashMap<>(options);
    for (String path : PATHS) {
      compared.computeIfPresent(
          path, (key, value) -> Path.of(value.toString()).toAbsolutePath().normalize().toString());
    }
    compared.put(ResumeRule.STEPS, settings.budget().steps());
    compared.put(ResumeRule.TOTAL_BATCH, settings.budget().totalBatch());
    compared.put(ResumeRule.VIDEOS, list.videos().size() + " videos, " + digest());
    return compared;
  }

  /** What its checkpoints say of where they come from. */
  Provenance provenance(Device device) {
    return Provenance.of(device, command, hash(List.of(Json.write(options))), digest());
  }

  /** Of names, labels and parts: a data set may move to another disk. */
  private String digest() {
    return hash(
        list.videos().stream()
            .map(v -> v.path().getFileName() + " " + v.label() + " " + v.part() + "\n")
            .toList());
  }

  private static String hash(List<String> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      texts.forEach(text -> digest.update(text.getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Videos of a forward pass that a run had so far, or 0. */
  static int batchOf(RunFolder run) throws IOException {
    return RunHistory.of(run.path()).settings().get("batch") instanceof Number batch
        ? batch.intValue()
        : 0;
  }

  /** What a run that is finished came to; nothing is written. */
  RunResult finished(RunStart start, RunListener listener) throws IOException {
    CheckpointFolder.Saved last = start.checkpoint().orElseThrow();
    listener.note("the run in " + folder.path() + " is finished: there is nothing left to train");
    Optional<RunResult> kept = RunResult.read(folder, last.step(), last.path());
    return kept.isPresent() ? kept.get() : new RunResult(logged(last), null);
  }

  /** What the log says of a finished run whose result was not kept. */
  private TrainingResult logged(CheckpointFolder.Saved last) throws IOException {
    List<Map<String, Object>> lines = MetricsLog.read(folder, damage -> {});
    Map<String, Object> line = lines.isEmpty() ? Map.of() : lines.getLast();
    return new TrainingResult(
        last.step(),
        last.step(),
        number(line, "loss"),
        number(line, "clips_per_s"),
        Double.NaN,
        number(line, "data_wait_ms"),
        number(line, "memory_mib"),
        0,
        last.path());
  }

  private static double number(Map<String, Object> line, String name) {
    return line.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** Writes the history, when it is certain that the run begins. */
  void write(RunStart start) throws IOException {
    RunHistory history = RunHistory.of(folder.path());
    if (start.checkpoint().isEmpty()) {
      history.begin(command, compared());
    } else {
      history.goOn(command, start.checkpoint().get().step(), start.changes(), compared());
    }
  }

  /** What the settings came to, for people and programs. */
  public Map<String, Object> resolved() {
    Budget budget = settings.budget();
    Hyper hyper = settings.hyper();
    Map<String, Object> resolved = new LinkedHashMap<>();
    resolved.put("steps", budget.steps());
    resolved.put("steps-per-epoch", budget.stepsPerEpoch());
    resolved.put("epochs", (double) budget.steps() / budget.stepsPerEpoch());
    resolved.put("videos-per-step", budget.totalBatch());
    resolved.put("clips-per-step", budget.totalBatch() * views);
    resolved.put("peak-learning-rate", settings.peakLr());
    resolved.put("final-learning-rate", hyper.minLr() * budget.totalBatch() / 256.0);
    resolved.put("warm-up-steps", settings.warmupSteps());
    resolved.put("betas", List.of(hyper.beta1(), hyper.beta2()));
    resolved.putAll(data());
    return resolved;
  }

  /** The videos and their classes. */
  public Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("videos", list.videos().size());
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    list.videos().forEach(video -> counts.merge(video.label(), 1, Integer::sum));
    counts.remove(-1);
    if (!counts.isEmpty()) {
      int classes = Math.max(Math.max(list.classes(), classNames.size()), counts.lastKey() + 1);
      Map<String, Object> byClass = new LinkedHashMap<>();
      for (int label = 0; label < classes; label++) {
        String name = label < classNames.size() ? classNames.get(label) : String.valueOf(label);
        byClass.merge(name, counts.getOrDefault(label, 0), (a, b) -> (Integer) a + (Integer) b);
      }
      data.put("classes", classes);
      data.put("videos-per-class", byClass);
    }
    return data;
  }
}
