package dev.tenzing.everest.training;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.CosineSchedule;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.Cursor;
import dev.tenzing.video.load.SkipLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the steps of a task: read clips, forward, backward, update, log, save.
 *
 * <p>Everything random of a step is drawn from (seed, purpose, step, sample), and the position in
 * the data is part of the checkpoint, so a resumed run reaches the same bits as one that was never
 * stopped.
 */
public final class Trainer {
  private static final double MIB = 1024.0 * 1024.0;

  private final Device device;
  private final TrainingTask task;
  private final Settings settings;
  private final RunFolder run;
  private final TrainingListener listener;

  /**
   * How a run goes.
   *
   * @param budget its length and batches
   * @param hyper its optimisation
   * @param seed seed of everything random
   * @param checkpointEvery steps between checkpoints; the last step always saves one
   * @param keepCheckpoints newest checkpoints that stay
   * @param logEvery steps between logged metrics
   */
  public record Settings(
      Budget budget,
      Hyper hyper,
      long seed,
      long checkpointEvery,
      int keepCheckpoints,
      int logEvery) {}

  /** Where to continue; {@link #START} begins anew. */
  public record Position(long step, Cursor cursor) {
    /** The beginning. */
    public static final Position START = new Position(0, Cursor.START);
  }

  /** A trainer of one run. */
  public Trainer(
      Device device,
      TrainingTask task,
      Settings settings,
      RunFolder run,
      TrainingListener listener) {
    this.device = device;
    this.task = task;
    this.settings = settings;
    this.run = run;
    this.listener = listener;
  }

  /**
   * Trains from a position to the end.
   *
   * @param loader endless, starting at the position's cursor
   * @param skips its log
   * @throws TrainingException when the loss is not finite or a checkpoint cannot be written
   * @throws VideoException when a video cannot be read and the loader is strict
   * @throws VideoListException when no video can be read
   */
  public TrainingResult run(Position from, ClipLoader loader, SkipLog skips)
      throws VideoException, VideoListException {
    Budget budget = settings.budget();
    CosineSchedule lr = schedule();
    Rng rng = Rng.seed(settings.seed());
    AdamW optimizer = task.optimizer();
    Window window = new Window(loader);
    Window whole = new Window(loader);
    double lastLoss = Double.NaN;
    Path saved = null;
    try (MetricsLog log = new MetricsLog(run, from.step())) {
      for (long step = from.step(); step < budget.steps(); step++) {
        double loss = 0;
        Cursor cursor = null;
        int clips = 0;
        for (int part = 0; part < budget.accumulate(); part++) {
          try (Batch batch = loader.next();
              Step tape = device.step()) {
            Masking.Draw draw =
                new Masking.Draw(rng, step, (long) part * budget.batch() * batch.views());
            Tensor video = task.video(pixels(batch), draw);
            Tensor value = task.loss(video, ClipLabels.of(batch), draw);
            loss += value.item() / budget.accumulate();
            tape.backward(value, device.full(value.shape(), 1f / budget.accumulate()));
            cursor = batch.next();
            clips += batch.size() * batch.views();
          }
        }
        optimizer.update(lr.at(step), settings.hyper().weightDecay());
        double norm = optimizer.gradNorm();
        checkFinite(step, loss, norm, lr.at(step));
        optimizer.clearGradients();
        lastLoss = loss;
        window.add(loss, clips);
        whole.add(loss, clips);
        long done = step + 1;
        listener.stepped(done, budget.steps(), loss, window.clipsPerSecond(), skips.count());
        if (done % settings.logEvery() == 0 || done == budget.steps()) {
          log.write(
              new Metrics(
                  done,
                  (double) done / budget.stepsPerEpoch(),
                  window.meanLoss(),
                  lr.at(step),
                  norm,
                  window.clipsPerSecond(),
                  window.dataWaitMs(),
                  device.memory().peak() / MIB));
          window = new Window(loader);
        }
        if (done % settings.checkpointEvery() == 0 || done == budget.steps()) {
          saved = TrainingState.save(run, task, done, cursor, settings);
          listener.saved(saved);
        }
      }
    } catch (IOException e) {
      throw new TrainingException(
          "the run folder %s cannot be written (%s); checkpoints saved before are intact"
              .formatted(run.path(), e.getMessage()),
          e);
    }
    return new TrainingResult(
        budget.steps(),
        lastLoss,
        whole.clipsPerSecond(),
        whole.seconds(),
        whole.dataWaitMs(),
        device.memory().peak() / MIB,
        skips.count(),
        saved);
  }

  /**
   * The learning rate of every step: cosine with warm-up, scaled by the total batch as the official
   * scripts do.
   */
  CosineSchedule schedule() {
    Budget budget = settings.budget();
    Hyper hyper = settings.hyper();
    double scale = budget.totalBatch() / 256.0;
    return CosineSchedule.ofSteps(
        hyper.lr() * scale,
        hyper.minLr() * scale,
        budget.steps(),
        Math.min(budget.steps() - 1, Math.round(hyper.warmupEpochs() * budget.stepsPerEpoch())));
  }

  private Tensor pixels(Batch batch) {
    ClipShape clip = task.description().loadedClip();
    return device.tensor(
        DType.U8,
        Shape.of(
            (long) batch.size() * batch.views(), clip.frames(), clip.height(), clip.width(), 3),
        batch.pixels());
  }

  private void checkFinite(long step, double loss, double norm, double lr) {
    if (Double.isFinite(loss) && Double.isFinite(norm)) {
      return;
    }
    List<String> bad = new ArrayList<>();
    task.parameters()
        .forEach((name, parameter) -> {
          if (parameter.grad() != null && !allFinite(parameter.grad().toFloats())) {
            bad.add(name);
          }
        });
    throw new TrainingException(
        "at step %d the loss is %s and the gradient norm %s (learning rate %.3g); gradients that are not finite: %s; the last checkpoint in %s is good, a lower --lr or --clip-grad helps"
            .formatted(
                step + 1,
                loss,
                norm,
                lr,
                bad.isEmpty() ? "none" : String.join(", ", bad.subList(0, Math.min(5, bad.size()))),
                run.checkpoints().path()));
  }

  private static boolean allFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Sums since the last logged step. */
  private static final class Window {
    private final ClipLoader loader;
    private final long start = System.nanoTime();
    private final long waited;
    private double loss;
    private long steps;
    private long clips;

    Window(ClipLoader loader) {
      this.loader = loader;
      this.waited = loader.waitNanos();
    }

    void add(double loss, int clips) {
      this.loss += loss;
      this.clips += clips;
      steps++;
    }

    double seconds() {
      return (System.nanoTime() - start) / 1e9;
    }

    double clipsPerSecond() {
      return clips / seconds();
    }

    double meanLoss() {
      return loss / steps;
    }

    double dataWaitMs() {
      return (loader.waitNanos() - waited) / 1e6 / Math.max(steps, 1);
    }
  }
}
