package dev.tenzing.everest.training;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.engine.io.TensorFileException;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.CheckpointFolder.Saved;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.video.load.Cursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a run needs to go on as if it had never stopped: parameters, moments, step counts, and its
 * place in the data.
 */
public final class TrainingState {
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String CURSOR = "cursor";
  private static final String SEED = "seed";
  private static final String STEPS = "steps";

  private TrainingState() {}

  /**
   * Saves a checkpoint of a run.
   *
   * @param step steps done
   * @param cursor place in the data after them
   * @param provenance what is kept of where it comes from
   * @return its folder
   */
  static Path save(
      CheckpointFolder checkpoints,
      TrainingTask<?> task,
      long step,
      Cursor cursor,
      Trainer.Settings settings,
      Map<String, Object> provenance)
      throws IOException {
    return checkpoints.save(
        step,
        Map.of(
            ModelFile.NAME,
            file -> ModelFile.write(file, task.parameters(), task.description()),
            OPTIMIZER,
            file -> writeOptimizer(file, task.optimizer())),
        Map.of(
            CURSOR,
            cursor.toLong(),
            SEED,
            settings.seed(),
            STEPS,
            settings.budget().steps(),
            Provenance.KEY,
            provenance),
        settings.keepCheckpoints());
  }

  private static void writeOptimizer(Path file, AdamW optimizer) throws IOException {
    SafetensorsWriter.write(
        file, optimizer.moments(), Map.of(STEPS, Json.write(optimizer.steps())));
  }

  /** The parameter or moment of a task that holds a number that is not finite, if any. */
  static Optional<String> notFinite(TrainingTask<?> task) {
    for (Map<String, Tensor> tensors : List.of(task.parameters(), task.optimizer().moments())) {
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        if (!allFinite(entry.getValue().toFloats())) {
          return Optional.of(entry.getKey());
        }
      }
    }
    return Optional.empty();
  }

  static boolean allFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The newest checkpoint that a run can go on from: all of it is there and as it was saved.
   *
   * @param passedOver told, in one sentence each, of newer ones that are damaged
   */
  public static Optional<Saved> newest(CheckpointFolder checkpoints, Consumer<String> passedOver) {
    return checkpoints.newest(TrainingState::check, passedOver);
  }

  /**
   * The newest before a step that also holds finite numbers only, which reads it twice. A step
   * whose loss is not finite says the same of what was saved right before it.
   */
  static Optional<Saved> newestGood(
      CheckpointFolder checkpoints, long before, Consumer<String> passedOver) {
    return checkpoints.newest(
        saved -> {
          if (saved.step() >= before) {
            throw misfit(saved, CheckpointFolder.STATE, "the next step fails");
          }
          check(saved);
          for (String name : List.of(ModelFile.NAME, OPTIMIZER)) {
            try (Safetensors file = Safetensors.open(saved.path().resolve(name))) {
              file.names().forEach(tensor -> finite(file, tensor, saved));
            } catch (TensorFileException | IllegalArgumentException e) {
              throw misfit(saved, name, e.getMessage());
            }
          }
        },
        passedOver);
  }

  private static float[] finite(Safetensors file, String tensor, Saved saved) {
    float[] values = file.toFloats(tensor);
    if (!allFinite(values)) {
      throw new CheckpointException(
          "the checkpoint %s holds numbers that are not finite, in %s of %s"
              .formatted(saved.path(), tensor, file.path().getFileName()));
    }
    return values;
  }

  private static void check(Saved checkpoint) {
    cursor(checkpoint);
    if (number(checkpoint, STEPS) < checkpoint.step()) {
      throw misfit(checkpoint, CheckpointFolder.STATE, "more steps are done than there are");
    }
    number(checkpoint, SEED);
    for (String name : List.of(ModelFile.NAME, OPTIMIZER)) {
      if (!Files.isRegularFile(checkpoint.path().resolve(name))) {
        throw new CheckpointException(
            "the checkpoint " + checkpoint.path() + " is incomplete: " + name + " is missing");
      }
    }
  }

  private static long number(Saved checkpoint, String key) {
    if (checkpoint.state().get(key) instanceof Long number) {
      return number;
    }
    throw misfit(checkpoint, CheckpointFolder.STATE, "it has no whole number " + key);
  }

  private static Cursor cursor(Saved checkpoint) {
    try {
      return Cursor.of(number(checkpoint, CURSOR));
    } catch (IllegalArgumentException e) {
      throw misfit(checkpoint, CheckpointFolder.STATE, e.getMessage());
    }
  }

  private static CheckpointException misfit(Saved checkpoint, String file, String why) {
    return new CheckpointException(
        "the checkpoint %s cannot be gone on from: %s: %s".formatted(checkpoint.path(), file, why));
  }

  /**
   * Fills a task from a checkpoint of the same run.
   *
   * @return where to go on
   * @throws CheckpointException when it does not fit the task or the run's settings
   */
  public static Trainer.Position restore(
      Saved checkpoint, TrainingTask<?> task, Trainer.Settings settings) {
    check(checkpoint);
    require(checkpoint, SEED, settings.seed());
    try (ModelFile model = ModelFile.open(checkpoint.path().resolve(ModelFile.NAME))) {
      if (!model.description().equals(task.description())) {
        throw new CheckpointException(
            "the checkpoint %s was made with other settings of model, clip or method; go on with the options in the run's config.yaml, or begin another run with --output NEW"
                .formatted(checkpoint.path()));
      }
      model.load(task.parameters());
    }
    restoreOptimizer(checkpoint, task.optimizer());
    notFinite(task)
        .ifPresent(name -> {
          throw misfit(checkpoint, name, "it holds numbers that are not finite");
        });
    return new Trainer.Position(checkpoint.step(), cursor(checkpoint));
  }

  private static void restoreOptimizer(Saved checkpoint, AdamW optimizer) {
    try (Safetensors file = Safetensors.open(checkpoint.path().resolve(OPTIMIZER))) {
      Map<String, Long> steps = steps(checkpoint, file, optimizer.steps().keySet());
      optimizer.restore(
          steps,
          moment -> {
            if (!file.has(moment)) {
              throw misfit(checkpoint, OPTIMIZER, "there is no " + moment);
            }
            return file.toFloats(moment);
          });
    } catch (TensorFileException | IllegalArgumentException e) {
      throw misfit(checkpoint, OPTIMIZER, e.getMessage());
    }
  }

  private static Map<String, Long> steps(
      Saved checkpoint, Safetensors file, Set<String> parameters) {
    Map<String, Object> counts = Json.parseObject(file.metadata().getOrDefault(STEPS, "{}"));
    Map<String, Long> steps = new HashMap<>();
    for (String name : parameters) {
      if (!(counts.get(name) instanceof Long count) || count < 0 || count > checkpoint.step()) {
        throw misfit(checkpoint, OPTIMIZER, "it does not tell the steps of " + name);
      }
      steps.put(name, count);
    }
    return steps;
  }

  private static void require(Saved checkpoint, String key, long expected) {
    if (number(checkpoint, key) != expected) {
      throw new CheckpointException(
          "the checkpoint %s belongs to a run with %s %s, not %s; give the same options, or begin another run with --output NEW"
              .formatted(checkpoint.path(), key, checkpoint.state().get(key), expected));
    }
  }
}
