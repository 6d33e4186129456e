package dev.tenzing.everest.training;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Readback;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.collective.Collective;
import dev.tenzing.engine.collective.Single;
import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.CosineSchedule;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipSource;
import dev.tenzing.video.load.Cursor;
import dev.tenzing.video.load.Shard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
  private final Collective ranks;
  private final TrainingTask<?> task;
  private final Settings settings;
  private final RunFolder run;
  private final Provenance provenance;
  private final CheckpointFolder checkpoints;
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
      int logEvery) {
    /**
     * The learning rate of every step: cosine with warm-up, scaled by the total batch as the
     * official scripts do.
     */
    public CosineSchedule schedule() {
      return CosineSchedule.ofSteps(
          peakLr(), hyper.minLr() * scale(), budget.steps(), warmupSteps());
    }

    /** The learning rate at the end of the warm-up. */
    public double peakLr() {
      return hyper.lr() * scale();
    }

    /** Steps of the warm-up. */
    public long warmupSteps() {
      return Math.min(
          budget.steps() - 1, Math.round(hyper.warmupEpochs() * budget.stepsPerEpoch()));
    }

    private double scale() {
      return budget.totalBatch() / 256.0;
    }
  }

  /** Where to continue; {@link #START} is the first step. */
  public record Position(long step, Cursor cursor) {
    /** The beginning. */
    public static final Position START = new Position(0, Cursor.START);
  }

  /** A trainer of one run in one process, on data that only its own program knows. */
  public Trainer(
      Device device,
      TrainingTask<?> task,
      Settings settings,
      RunFolder run,
      TrainingListener listener) {
    this(device, new Single(), task, settings, run, Provenance.of(device, "", "", ""), listener);
  }

  /**
   * A trainer of one run.
   *
   * @param ranks the processes that train the model together, as many as the budget says; the first
   *     of them writes
   * @param provenance what every checkpoint says of where it comes from
   */
  public Trainer(
      Device device,
      Collective ranks,
      TrainingTask<?> task,
      Settings settings,
      RunFolder run,
      Provenance provenance,
      TrainingListener listener) {
    if (ranks.size() != settings.budget().ranks()) {
      throw new IllegalArgumentException(
          "the budget is for %s processes, but there are %s"
              .formatted(settings.budget().ranks(), ranks.size()));
    }
    this.device = device;
    this.ranks = ranks;
    this.task = task;
    this.settings = settings;
    this.run = run;
    this.checkpoints = run.checkpoints();
    this.provenance = provenance;
    this.listener = listener;
  }

  /**
   * Trains from a position to the end, or until the listener {@linkplain TrainingListener#stops()
   * stops} it.
   *
   * @param clips without end, from the position's cursor on, of the shape that the task loads, and
   *     of this process's share of the data
   * @throws TrainingException when the loss is not finite, a checkpoint cannot be written, or there
   *     are no more clips
   * @throws VideoException when a video cannot be read and none may be left out
   * @throws VideoListException when no video can be read
   */
  public TrainingResult run(Position from, ClipSource clips)
      throws VideoException, VideoListException {
    try {
      return train(from, clips);
    } catch (VideoException | VideoListException | RuntimeException e) {
      ranks.abort(e.getMessage());
      throw e;
    }
  }

  private TrainingResult train(Position from, ClipSource clips)
      throws VideoException, VideoListException {
    Budget budget = settings.budget();
    Shard own = new Shard(ranks.rank(), ranks.size());
    if (!clips.shard().equals(own)) {
      throw new IllegalArgumentException(
          "the clips are those of process %s of %s, this is %s of %s"
              .formatted(clips.shard().rank() + 1, clips.shard().of(), own.rank() + 1, own.of()));
    }
    CosineSchedule lr = settings.schedule();
    AdamW optimizer = task.optimizer();
    Progress progress = new Progress(clips);
    progress.done = from.step();
    Path saved = null;
    try (MetricsLog log = ranks.rank() == 0 ? openLog(from) : null;
        ForwardBackward batches =
            new ForwardBackward(
                device, task, budget.passes(), Rng.seed(settings.seed()), listener);
        Readback even = device.readback(budget.accumulate() + 1);
        Readback odd = device.readback(budget.accumulate() + 1)) {
      Unread last = null;
      boolean stops = false;
      for (long step = from.step(); step < budget.steps() && !stops; step++) {
        Readback numbers = step % 2 == 0 ? even : odd;
        Cursor cursor = null;
        int count = 0;
        for (int part = 0; part < budget.accumulate(); part++) {
          try (Batch batch = clips.next()) {
            requireBatch(batch, step);
            int pass = part * budget.ranks() + ranks.rank();
            long first = (long) pass * budget.batch() * batch.views();
            batches.run(batch, step, part, first, numbers);
            cursor = batch.next();
            count += batch.size() * batch.views();
          }
        }
        gather();
        optimizer.update(lr.at(step), settings.hyper().weightDecay());
        numbers.fetch(budget.accumulate(), optimizer.norm());
        long done = step + 1;
        stops = listener.stops();
        boolean ends = stops || done == budget.steps();
        boolean saves = done % settings.checkpointEvery() == 0 || ends;
        boolean logs = done % settings.logEvery() == 0 || ends;
        if (last != null) {
          progress.add(last, log);
        }
        last = new Unread(done, lr.at(step), count, logs, numbers);
        // Where the device works on while the host goes ahead, the numbers of a step are looked at
        // a step later, so that nobody waits; but before anything is made of them.
        if (!device.captures() || saves || logs) {
          progress.add(last, log);
          last = null;
        }
        optimizer.clearGradients();
        if (saves) {
          if (ranks.rank() == 0) {
            saved = save(done, cursor);
            listener.saved(saved);
          }
          ranks.barrier();
        }
      }
    } catch (IOException e) {
      throw new TrainingException(
          "%s; %s".formatted(FileProblem.sentence(e), lastGood(Long.MAX_VALUE)), e);
    }
    return new TrainingResult(
        progress.done,
        budget.steps(),
        progress.lastLoss,
        progress.rate.clipsPerSecond(),
        progress.whole.seconds(),
        progress.whole.dataWaitMs(),
        device.memory().peak() / MIB,
        clips.skipped(),
        saved);
  }

  /** Makes the gradients of all processes their sum: the one thing that they share of a step. */
  private void gather() {
    ranks.sum(
        task.parameters().values().stream()
            .filter(Tensor::hasGrad)
            .map(Tensor::grad)
            .toArray(Tensor[]::new));
  }

  /**
   * A step whose numbers are on their way.
   *
   * @param done steps done with it
   * @param lr its learning rate
   * @param clips it was trained on
   * @param logs whether it is logged
   * @param numbers losses of its batches, then the norm of its gradient
   */
  private record Unread(long done, double lr, int clips, boolean logs, Readback numbers) {}

  /** What has come of the steps so far, told to those who want to know. */
  private final class Progress {
    private final ClipSource source;
    private final Window whole;
    private Window window;
    private final ClipRate rate = new ClipRate();
    private double lastLoss = Double.NaN;
    private long done;

    Progress(ClipSource source) {
      this.source = source;
      this.whole = new Window(source);
      this.window = new Window(source);
    }

    void add(Unread step, MetricsLog log) throws IOException {
      Budget budget = settings.budget();
      float[] numbers = step.numbers.values();
      double loss = 0;
      for (int part = 0; part < budget.accumulate(); part++) {
        loss += numbers[part] / budget.accumulate();
      }
      double norm = numbers[budget.accumulate()];
      checkFinite(step.done - 1, loss, norm, step.lr);
      lastLoss = loss;
      window.add(loss, step.clips);
      whole.add(loss, step.clips);
      rate.add(step.clips);
      done = step.done;
      listener.stepped(step.done, budget.steps(), loss, rate.clipsPerSecond(), source.skipped());
      if (step.logs) {
        if (log != null) {
          log.write(
              new Metrics(
                  step.done,
                  (double) step.done / budget.stepsPerEpoch(),
                  window.meanLoss(),
                  step.lr,
                  norm,
                  window.clipsPerSecond(),
                  window.dataWaitMs(),
                  device.memory().peak() / MIB));
        }
        window = new Window(source);
      }
    }
  }

  private MetricsLog openLog(Position from) throws IOException {
    checkpoints.begin(from.step(), listener::note);
    return new MetricsLog(run, from.step(), listener::note);
  }

  /** A source that is not a loader may end, or give clips of another shape. */
  private void requireBatch(Batch batch, long step) {
    if (batch == null) {
      throw new TrainingException(
          "at step %s there are no more clips; training needs them without end; %s"
              .formatted(step + 1, lastGood(step)));
    }
    ClipShape clip = task.description().loadedClip();
    int rows = batch.size() * batch.views();
    long bytes = 3L * rows * clip.frames() * clip.height() * clip.width();
    if (batch.pixels().byteSize() != bytes) {
      throw new TrainingException(
          "at step %s the batch holds %s bytes; its %s clips of %s frames of %s x %s are %s bytes"
              .formatted(
                  step + 1,
                  batch.pixels().byteSize(),
                  rows,
                  clip.frames(),
                  clip.width(),
                  clip.height(),
                  bytes));
    }
  }

  /** Saves a checkpoint, unless no run could go on from it. */
  private Path save(long step, Cursor cursor) throws IOException {
    Optional<String> bad = TrainingState.notFinite(task);
    if (bad.isPresent()) {
      throw new TrainingException(
          "after step %s the values of %s are not finite, so they are not saved; %s; a lower --lr or --clip-grad helps"
              .formatted(step, bad.get(), lastGood(step)));
    }
    return TrainingState.save(
        checkpoints, task, step, cursor, settings, provenance.now(settings.seed()));
  }

  /**
   * What a run that ends here can be sure of: the files are looked at before it is said.
   *
   * @param before the step that failed, as steps done before it
   */
  private String lastGood(long before) {
    List<String> passedOver = new ArrayList<>();
    try {
      return TrainingState.newestGood(checkpoints, before, passedOver::add)
          .map(saved -> "the checkpoint " + saved.path() + " is good")
          .orElse(
              passedOver.isEmpty()
                  ? "no checkpoint was saved before"
                  : "no checkpoint in " + checkpoints.path() + " is good");
    } catch (CheckpointException e) {
      return e.getMessage();
    }
  }

  private void checkFinite(long step, double loss, double norm, double lr) {
    if (Double.isFinite(loss) && Double.isFinite(norm)) {
      return;
    }
    List<String> bad = new ArrayList<>();
    task.parameters()
        .forEach((name, parameter) -> {
          if (parameter.grad() != null && !TrainingState.allFinite(parameter.grad().toFloats())) {
            bad.add(name);
          }
        });
    String message =
        "at step %s the loss is %s and the gradient norm %s (learning rate %.3g); gradients that"
            + " are not finite: %s; %s; a lower --lr or --clip-grad helps";
    throw new TrainingException(
        String.format(
            Locale.ROOT,
            message,
            step + 1,
            loss,
            norm,
            lr,
            bad.isEmpty() ? "none" : String.join(", ", bad.subList(0, Math.min(5, bad.size()))),
            lastGood(step)));
  }

  /** Sums since the last logged step. */
  private static final class Window {
    private final ClipSource source;
    private final long start = System.nanoTime();
    private final long waited;
    private double loss;
    private long steps;
    private long clips;

    Window(ClipSource source) {
      this.source = source;
      this.waited = source.waitNanos();
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
      return (source.waitNanos() - waited) / 1e6 / Math.max(steps, 1);
    }
  }
}
