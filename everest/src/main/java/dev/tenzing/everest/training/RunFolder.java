package dev.tenzing.everest.training;

import dev.tenzing.everest.checkpoint.CheckpointFolder;
import java.nio.file.Path;

/**
 * Where everything of a run is.
 *
 * @param path the run's folder
 */
public record RunFolder(Path path) {
  /** The options that produced the run. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** One JSON object a logged step. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** TensorBoard events. */
  public Path tensorBoard() {
    return path.resolve("tb");
  }

  /** Saved states. */
  public CheckpointFolder checkpoints() {
    return new CheckpointFolder(path.resolve("checkpoints"));
  }

  /** Inputs that were left out, and why. */
  public Path skipped() {
    return path.resolve("skipped.csv");
  }

  /** The page that tells the run's story. */
  public Path report() {
    return path.resolve("report.html");
  }
}
