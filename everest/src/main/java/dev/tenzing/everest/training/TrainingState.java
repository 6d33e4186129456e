package dev.tenzing.everest.training;

import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder.Saved;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.video.load.Cursor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a run needs to go on as if it had never stopped: parameters, moments, step counts, and its
 * place in the data.
 */
public final class TrainingState {
  private static final String OPTIMIZER = "optimizer.safetensors";

  private TrainingState() {}

  /**
   * Saves a checkpoint of a run.
   *
   * @param step steps done
   * @param cursor place in the data after them
   * @return its folder
   */
  static Path save(
      RunFolder run, TrainingTask task, long step, Cursor cursor, Trainer.Settings settings)
      throws IOException {
    return run.checkpoints()
        .save(
            step,
            Map.of(
                ModelFile.NAME,
                file -> ModelFile.write(file, task.parameters(), task.description()),
                OPTIMIZER,
                file -> writeOptimizer(file, task.optimizer())),
            Map.of(
                "cursor",
                cursor.toLong(),
                "seed",
                settings.seed(),
                "steps",
                settings.budget().steps()),
            settings.keepCheckpoints());
  }

  private static void writeOptimizer(Path file, AdamW optimizer) throws IOException {
    SafetensorsWriter.write(
        file, optimizer.moments(), Map.of("steps", Json.write(optimizer.steps())));
  }

  /**
   * Fills a task from a checkpoint of the same run.
   *
   * @return where to go on
   * @throws CheckpointException when it does not fit the task or the run's settings
   */
  public static Trainer.Position restore(
      Saved checkpoint, TrainingTask task, Trainer.Settings settings) {
    require(checkpoint, "seed", settings.seed());
    require(checkpoint, "steps", settings.budget().steps());
    try (ModelFile model = ModelFile.open(checkpoint.path().resolve(ModelFile.NAME))) {
      if (!model.description().equals(task.description())) {
        throw new CheckpointException(
            "the checkpoint %s was made with other settings of model, clip or method; resume with the options in the run's config.yaml, or start with --resume none"
                .formatted(checkpoint.path()));
      }
      model.load(task.parameters());
    }
    try (Safetensors file = Safetensors.open(checkpoint.path().resolve(OPTIMIZER))) {
      Map<String, Long> steps = new HashMap<>();
      Json.parseObject(file.metadata().get("steps"))
          .forEach((name, count) -> steps.put(name, ((Number) count).longValue()));
      task.optimizer().restore(steps, file::toFloats);
    }
    return new Trainer.Position(
        checkpoint.step(), Cursor.of(((Number) checkpoint.state().get("cursor")).longValue()));
  }

  private static void require(Saved checkpoint, String key, long expected) {
    if (!(checkpoint.state().get(key) instanceof Number saved) || saved.longValue() != expected) {
      throw new CheckpointException(
          "the checkpoint %s belongs to a run with %s %s, not %s; give the same options, or start with --resume none"
              .formatted(checkpoint.path(), key, checkpoint.state().get(key), expected));
    }
  }
}
