package dev.tenzing.engine.collective;

import dev.tenzing.engine.Tensor;

/**
 * The processes of a run, called ranks. All ranks make the same calls in the same order, with
 * tensors of the same shapes; each waits until the others have made theirs.
 */
public interface Collective extends AutoCloseable {
  /** Number of this process, from 0. */
  int rank();

  /** How many there are. */
  int size();

  /**
   * Replaces the elements of F32 tensors by their sums over all ranks, which are the same bits on
   * each.
   */
  void sum(Tensor... tensors);

  /**
   * Replaces the elements of tensors by those of one rank.
   *
   * @param root the rank that has them
   */
  void broadcast(int root, Tensor... tensors);

  /** Returns when all ranks have called it. */
  void barrier();

  /**
   * Ends the run on all ranks because this one cannot go on, so that none waits for it.
   *
   * @param reason what happened, for people
   */
  void abort(String reason);

  @Override
  void close();
}
