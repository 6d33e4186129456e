/**
 * From a list of videos to batches of clips: decoded and cut to size by several threads ahead of
 * the trainer, in an order that depends on the seed alone. A video that cannot be used is left out
 * and written down, never replaced by another.
 *
 * <p>Whether a video is good is decided by a decode of the whole file when it is first met ({@link
 * dev.tenzing.video.load.Catalog}). So it does not depend on the clip that is drawn, on the epoch
 * or on the threads, and a run that is resumed at a {@link dev.tenzing.video.load.Cursor} gets the
 * batches that an uninterrupted run would have got. The {@link dev.tenzing.video.load.Shard}s of
 * several processes are parts of that one order.
 */
package dev.tenzing.video.load;
