package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.cost.MemoryPlan;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.recipe.Length;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;

/**
 * Compares what training takes with what there is, before anything is allocated.
 *
 * @param device where it computes
 * @param model what is trained
 * @param recompute whether blocks run again in the backward
 * @param batches bytes of clips that wait, by the videos of a batch
 * @param frames bytes of decoded frames that may be kept
 * @param available bytes of the machine that can be taken now
 */
public record MemoryCheck(
    Device device,
    ModelDescription model,
    boolean recompute,
    IntToLongFunction batches,
    long frames,
    OptionalLong available) {
  /** Of the device's memory that may be planned with: libraries take some, too. */
  private static final double FITS = 0.95;

  /** Batches up to this many clips are planned at once; of larger ones, first, a lower bound. */
  private static final int SMALL = 32;

  /**
   * Why a batch is too large.
   *
   * @param videos of a forward pass
   * @param views clips of each
   * @param accumulates whether several passes make a step
   * @return a sentence; empty when there is enough
   */
  public Optional<String> tooMuch(int videos, int views, boolean accumulates) {
    int clips = Math.multiplyExact(videos, views);
    if (clips > SMALL) {
      // To plan thousands of clips takes longer than to see that they are too many.
      long small = plan(SMALL / 2, accumulates).reserved();
      long twice = plan(SMALL, accumulates).reserved();
      double each = (double) (twice - small) / (SMALL / 2);
      Optional<String> early = need((long) (small + 0.7 * each * clips), videos);
      if (early.isPresent()) {
        return early;
      }
    }
    return need(plan(clips, accumulates).reserved(), videos);
  }

  private MemoryPlan plan(int clips, boolean accumulates) {
    return MemoryPlan.of(model, clips, accumulates, recompute, device.activations());
  }

  private Optional<String> need(long tensors, int videos) {
    boolean onHost = device.name().equals("cpu");
    long limit = (long) (FITS * device.memoryLimit());
    return MemoryNeed.of(tensors, onHost, batches.applyAsLong(videos), frames)
        .tooMuch(limit, available);
  }

  /**
   * Refuses a batch that is too large.
   *
   * @throws MemoryException with what is needed, what there is and what helps
   */
  public void require(int videos, int views, boolean accumulates) {
    tooMuch(videos, views, accumulates)
        .ifPresent(sentence -> {
          throw new MemoryException(sentence);
        });
  }

  /**
   * Divides the forward passes of a run that asks for it until a step fits.
   *
   * @param views clips of each video of the batch
   * @param before how many videos a forward pass of this run had so far, or 0: with as many the
   *     bits stay the same, so fewer passes are not tried
   * @param note told of the parts
   * @throws MemoryException when one video is too much
   */
  public Length fit(Length length, int views, int before, Consumer<String> note) {
    if (!length.fit()) {
      return length;
    }
    int batch = length.batch();
    String last = "";
    int fewest = before > 0 && before < batch && batch % before == 0 ? batch / before : 1;
    for (int parts = fewest; parts <= batch; parts++) {
      if (batch % parts == 0) {
        Length split = length.split(parts);
        Optional<String> problem = tooMuch(split.batch(), views, split.accumulate() > 1);
        if (problem.isEmpty()) {
          note.accept(
              "--fit: %s forward passes of %s a step"
                  .formatted(String.valueOf(split.accumulate()), String.valueOf(split.batch())));
          return split;
        }
        last = problem.get().replaceFirst("; give .*", "");
      }
    }
    throw new MemoryException(
        "--fit: even a forward pass of 1 is too large: %s; %s"
            .formatted(last, recompute ? "use a smaller --size or --model" : "try --recompute"));
  }
}
