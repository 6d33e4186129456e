package dev.tenzing.everest.training;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.SafetensorsMutation;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.CheckpointFolder.Saved;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.video.load.Cursor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a resume depends on. */
public final class RunTargets {
  private static final ClipShape CLIP = ClipShape.square(4, 16);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final VideoClassifier.Options OPTIONS =
      new VideoClassifier.Options(2, null, true, false, 0, 1);
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String[] STATE = {
    "cursor", "seed", "steps", "step", "sha256", "model.safetensors", OPTIMIZER, "checksum"
  };

  private RunTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("state", 20, RunTargets::damagedState),
        new Target("state-content", 20, RunTargets::wrongState),
        new Target("optimizer-content", 20, RunTargets::wrongOptimizer),
        new Target("metrics", 5, RunTargets::metrics));
  }

  /** A run with two checkpoints, and what restores it. */
  private static final class Run {
    private static final Cursor EARLIER = new Cursor(0, 3);
    private static final Cursor LATER = new Cursor(1, 2);

    private final Trainer.Settings settings =
        new Trainer.Settings(new Budget(9, 2, 2, 2), Hyper.finetuning(), 5, 3, 9, 1);
    private final RunFolder folder;
    private final FinetuneTask task;

    Run(Path path) throws Exception {
      folder = new RunFolder(path);
      Device device = Device.cpu(1);
      VideoClassifier model =
          new VideoClassifier(CONFIG, CLIP, OPTIONS, device, Rng.seed(5), false);
      ModelDescription description =
          new ModelDescription(CONFIG, CLIP, 2, new Classification(OPTIONS, List.of("a", "b")));
      task = new FinetuneTask(model, description, settings.hyper(), Criterion.labels(0.1), device);
      TrainingState.save(folder.checkpoints(), task, 3, EARLIER, settings, Map.of());
      TrainingState.save(folder.checkpoints(), task, 6, LATER, settings, Map.of());
    }

    Path later() {
      return folder.checkpoints().path().resolve("step-6");
    }

    Trainer.Position restore() {
      Optional<Saved> newest = TrainingState.newest(folder.checkpoints(), told -> {});
      return TrainingState.restore(newest.orElseThrow(), task, settings);
    }
  }

  /** A damaged state is seen, and the checkpoint before it taken. */
  private static Attack damagedState(Path folder) throws Exception {
    Run run = new Run(folder.resolve("run"));
    Path state = run.later().resolve(CheckpointFolder.STATE);
    byte[] good = Files.readAllBytes(state);
    return Attack.onFile(
            state,
            List.of(good),
            Mutation.anyOf(
                ByteMutation.with("{", "}", "\"", "9", ":", "\u0000"),
                TextMutation.with(STATE),
                JsonMutation.with(STATE)),
            path -> {
              Trainer.Position at = run.restore();
              boolean earlier = at.step() == 3 && at.cursor().equals(Run.EARLIER);
              boolean later = at.step() == 6 && at.cursor().equals(Run.LATER);
              if (!earlier && !later) {
                throw new AssertionError("resumed at " + at + ", where no checkpoint was");
              }
            })
        .allowing(32 << 20);
  }

  /** Checksums are right, the content is not. */
  private static Attack wrongState(Path folder) throws Exception {
    Run run = new Run(folder.resolve("run"));
    Map<String, Object> values = new LinkedHashMap<>(CheckpointFolder.open(run.later()).state());
    values.keySet().retainAll(List.of("cursor", "seed", "steps"));
    byte[] model = Files.readAllBytes(run.later().resolve(ModelFile.NAME));
    byte[] optimizer = Files.readAllBytes(run.later().resolve(OPTIMIZER));
    return new Attack(
            List.of(Json.write(values).getBytes(StandardCharsets.UTF_8)),
            JsonMutation.with("cursor", "seed", "steps"),
            input -> {
              Object state = Json.parse(new String(input, StandardCharsets.UTF_8));
              if (state instanceof Map<?, ?> map) {
                Map<String, Object> all = new LinkedHashMap<>();
                map.forEach((key, value) -> all.put((String) key, value));
                save(run, model, optimizer, all);
                run.restore();
              }
            })
        .allowing(32 << 20);
  }

  private static Attack wrongOptimizer(Path folder) throws Exception {
    Run run = new Run(folder.resolve("run"));
    Map<String, Object> values = new LinkedHashMap<>(CheckpointFolder.open(run.later()).state());
    values.keySet().retainAll(List.of("cursor", "seed", "steps"));
    byte[] model = Files.readAllBytes(run.later().resolve(ModelFile.NAME));
    List<byte[]> seeds = List.of(Files.readAllBytes(run.later().resolve(OPTIMIZER)));
    List<String> names = new ArrayList<>(run.task.optimizer().steps().keySet());
    return new Attack(
            seeds,
            Mutation.anyOf(
                SafetensorsMutation.ofHeaders("dtype", "shape", "I64", "steps", names.getFirst()),
                SafetensorsMutation.ofMetadata("steps", names.getFirst(), names.getLast())),
            input -> {
              save(run, model, input, values);
              run.restore();
            })
        .allowing(32 << 20);
  }

  private static void save(Run run, byte[] model, byte[] optimizer, Map<String, Object> state)
      throws Exception {
    run.folder
        .checkpoints()
        .save(
            6,
            Map.of(
                ModelFile.NAME,
                file -> Files.write(file, model),
                OPTIMIZER,
                file -> Files.write(file, optimizer)),
            state,
            9);
  }

  private static Attack metrics(Path folder) throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    try (MetricsLog log = new MetricsLog(run, 0, told -> {})) {
      for (int step = 1; step <= 4; step++) {
        log.write(new Metrics(step, step / 2.0, 1.0 / step, 1e-3, 2, 30, 0.5, 100));
      }
    }
    byte[] good = Files.readAllBytes(run.metrics());
    return Attack.onFile(
        run.metrics(),
        List.of(good),
        Mutation.anyOf(
            TextMutation.with("step", "loss", "lr", "epoch", "grad_norm", "{", "}", "null"),
            ByteMutation.with("{", "}", "\n", "\"", "\u0000", "\u00c3")),
        path -> {
          try (MetricsLog log = new MetricsLog(run, 3, told -> {})) {
            log.write(new Metrics(4, 2, 0.25, 1e-3, 2, 30, 0.5, 100));
          }
          String text = new String(Files.readAllBytes(run.metrics()), StandardCharsets.UTF_8);
          String last = text.lines().toList().getLast();
          if (!(Json.parseObject(last).get("step") instanceof Long step) || step != 4) {
            throw new AssertionError("the last line is not what was written last");
          }
          try (var events = Files.list(run.tensorBoard())) {
            for (Path file : events.toList()) {
              Files.delete(file);
            }
          }
        });
  }
}
