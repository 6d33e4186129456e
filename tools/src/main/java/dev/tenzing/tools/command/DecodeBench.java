package dev.tenzing.tools.command;

import com.sun.management.OperatingSystemMXBean;
import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Times what happens to a clip before a pre-training step sees it: find the frames, decode, scale,
 * crop, resize, normalise to F32 [3, T, S, S]. Every file is scanned before the clock starts, as in
 * any epoch but the first.
 *
 * @param list the videos
 * @param frames T
 * @param stride frames from one frame of a clip to the next
 * @param size S
 * @param batch clips a step
 * @param warmup steps before the clock starts
 * @param steps steps that are timed
 * @param threads decoding threads
 * @param seed of the draws
 */
record DecodeBench(
    VideoList list,
    int frames,
    int stride,
    int size,
    int batch,
    int warmup,
    int steps,
    int threads,
    long seed) {

  void run(Device device, Console console) throws IOException, VideoException, VideoListException {
    Catalog catalog = Catalog.of(list);
    long began = System.nanoTime();
    int usable = scan(catalog, console);
    double scanned = (System.nanoTime() - began) / 1e9;
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = 0;
    long cpu = 0;
    try (Progress progress = console.progress("bench", warmup + steps);
        ClipLoader loader =
            ClipLoader.of(list, ClipPolicy.pretraining(frames, stride, size))
                .batch(batch)
                .seed(seed)
                .threads(threads)
                .catalog(catalog)
                .open()) {
      for (int i = -warmup; i < steps; i++) {
        if (i == 0) {
          start = System.nanoTime();
          cpu = process.getProcessCpuTime();
        }
        try (Batch clips = loader.next();
            Step step = device.step()) {
          NormalizeVideo.apply(
              device.tensor(DType.U8, Shape.of(batch, frames, size, size, 3), clips.pixels()),
              Pixels.MEAN,
              Pixels.STD);
        }
        progress.update(i + warmup + 1, (long) (i + warmup + 1) * batch, 0, "");
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuSeconds = (process.getProcessCpuTime() - cpu) / 1e9;
      report(usable, scanned, seconds, cpuSeconds, console);
    }
  }

  /** Meets every file; returns how many are good. */
  private int scan(Catalog catalog, Console console) {
    int usable = 0;
    try (Progress progress = console.progress("scan", list.videos().size())) {
      for (int i = 0; i < list.videos().size(); i++) {
        try {
          catalog.info(list.videos().get(i).path());
          usable++;
        } catch (VideoException e) {
          console.note("left out: " + e.getMessage());
        }
        progress.update(i + 1, i + 1, i + 1 - usable, "");
      }
    }
    return usable;
  }

  private void report(
      int usable, double scanned, double seconds, double cpuSeconds, Console console) {
    long clips = (long) steps * batch;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("task", "decode");
    result.put("videos", usable);
    result.put("skipped", list.videos().size() - usable);
    result.put("threads", threads);
    result.put("frames", frames);
    result.put("stride", stride);
    result.put("size", size);
    result.put("clips", clips);
    result.put("clips_per_s", clips / seconds);
    result.put("ms_per_clip", seconds * 1e3 / clips);
    result.put("cpu_ms_per_clip", cpuSeconds * 1e3 / clips);
    result.put("scan_s", scanned);
    console.print(
        String.format(
            Locale.ROOT,
            "decode, %d videos, %d threads: %.1f clips/s, %.1f ms a clip, %.1f ms of processor time"
                + " a clip; scanned before in %.1f s",
            usable,
            threads,
            clips / seconds,
            seconds * 1e3 / clips,
            cpuSeconds * 1e3 / clips,
            scanned));
    console.result(result);
  }
}
