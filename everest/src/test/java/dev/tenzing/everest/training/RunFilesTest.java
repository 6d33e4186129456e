package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.SafetensorsWriter;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.CheckpointFolder.Saved;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run whose files are damaged, and which files it leaves. */
class RunFilesTest {
  private static final ClipShape CLIP = ClipShape.square(16, 32);
  private static final VitConfig CONFIG =
      new VitConfig("test", 24, 1, 3, 8, 2, 4, 16, 1, 2, 0, 1e-6);
  private static final int STEPS = 4;

  @TempDir private static Path videos;
  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 48, 1).write(videos, done -> {});
  }

  private interface Body {
    void run(Trainer trainer, TrainingTask<?> task, Trainer.Settings settings) throws Exception;
  }

  private static Trainer.Settings settings(double lr, long checkpointEvery, int keep) {
    Hyper official = Hyper.pretraining();
    Hyper hyper = new Hyper(lr, lr, 0, 0.05, 1, 0.9, 0.95, 1e-8, official.clipGrad());
    return new Trainer.Settings(new Budget(STEPS, 2, 1, 2), hyper, 5, checkpointEvery, keep, 1);
  }

  private void with(Trainer.Settings settings, Body body) throws Exception {
    Pretraining pretraining =
        new Pretraining(
            Method.VIDEOMAE, 0.75, 0.5, Pretraining.official(Method.VIDEOMAE).decoderMask(), true);
    ModelDescription description = new ModelDescription(CONFIG, CLIP, 2, pretraining);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepped(
              long step, long steps, double loss, double clipsPerSecond, int skipped) {}

          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(5), false);
        PretrainTask task = new PretrainTask(model, description, settings.hyper(), device)) {
      body.run(new Trainer(device, task, settings, run(), listener), task, settings);
    }
  }

  private RunFolder run() {
    return new RunFolder(folder.resolve("run"));
  }

  private static void train(Trainer trainer, Trainer.Position from) throws Exception {
    VideoList list =
        VideoList.read(videos.resolve("train.csv"), null, VideoList.Labels.REQUIRED, 2);
    SkipLog skips = new SkipLog(null);
    try (ClipLoader loader =
        ClipLoader.of(list, ClipPolicy.pretraining(16, 2, 32))
            .batch(2)
            .seed(5)
            .threads(1)
            .start(from.cursor())
            .skipLog(skips)
            .open()) {
      trainer.run(from, loader);
    }
  }

  private void train(double lr, long checkpointEvery, int keep) throws Exception {
    with(
        settings(lr, checkpointEvery, keep),
        (trainer, task, settings) -> train(trainer, Trainer.Position.START));
  }

  private void resume(double lr, int keep) throws Exception {
    with(
        settings(lr, 2, keep),
        (trainer, task, settings) -> {
          Saved newest = TrainingState.newest(run().checkpoints(), notes::add).orElseThrow();
          train(trainer, TrainingState.restore(newest, task, settings));
        });
  }

  private Path step(long step) {
    return run().checkpoints().path().resolve("step-" + step);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static String message(Body body, RunFilesTest test, Trainer.Settings settings)
      throws Exception {
    List<String> said = new ArrayList<>();
    test.with(
        settings,
        (trainer, task, s) ->
            said.add(
                assertThrows(TrainingException.class, () -> body.run(trainer, task, s))
                    .getMessage()));
    return said.getFirst();
  }

  @Test
  void damageAnywhereMeansTheOlderCheckpointAndTheSameBits() throws Exception {
    train(1e-3, 2, 9);
    byte[] model = Files.readAllBytes(step(4).resolve(ModelFile.NAME));
    for (String name : names(step(4))) {
      Path file = step(4).resolve(name);
      byte[] whole = Files.readAllBytes(file);
      int bits = 8 * whole.length;
      // All bits of state.json are the matter of CheckpointFolderTest.
      for (int bit = 0; bit < bits; bit += 1 + bits / 60) {
        byte[] damaged = whole.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(file, damaged);
        notes.clear();
        Saved newest = TrainingState.newest(run().checkpoints(), notes::add).orElseThrow();
        assertEquals(2, newest.step(), name + " bit " + bit);
        assertTrue(notes.getFirst().contains(step(4) + " is damaged"), notes.getFirst());
      }
      if (!name.equals("model.safetensors")) {
        Files.write(file, whole);
      }
    }
    notes.clear();
    resume(1e-3, 1);
    assertArrayEquals(model, Files.readAllBytes(step(4).resolve(ModelFile.NAME)));
    assertEquals(List.of("set-aside-step-4", "step-4"), names(run().checkpoints().path()));
    assertEquals(2, notes.size(), notes.toString());
    assertTrue(notes.getLast().contains("is called set-aside-step-4"), notes.getLast());
  }

  /** Saves the first checkpoint again as step 3, with right checksums and wrong content. */
  private void forge(
      Consumer<Map<String, Object>> state, Consumer<Map<String, Tensor>> moments, String steps)
      throws Exception {
    Saved saved = CheckpointFolder.open(step(2));
    Map<String, Object> values = new HashMap<>(saved.state());
    state.accept(values);
    try (Device device = Device.cpu(1);
        Safetensors old = Safetensors.open(step(2).resolve("optimizer.safetensors"))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      old.names().forEach(name -> tensors.put(name, old.toTensor(device, name)));
      moments.accept(tensors);
      Map<String, String> metadata =
          steps == null ? old.metadata() : steps.isEmpty() ? Map.of() : Map.of("steps", steps);
      run()
          .checkpoints()
          .save(
              3,
              Map.of(
                  ModelFile.NAME,
                  file -> Files.copy(step(2).resolve(ModelFile.NAME), file),
                  "optimizer.safetensors",
                  file -> SafetensorsWriter.write(file, tensors, metadata)),
              values,
              9);
    }
  }

  @Test
  void rightChecksumsOfAWrongStateMeanTheOlderCheckpoint() throws Exception {
    train(1e-3, 2, 9);
    List<Consumer<Map<String, Object>>> wrong =
        List.of(
            state -> state.remove("cursor"),
            state -> state.put("cursor", "2"),
            state -> state.put("cursor", -1),
            state -> state.put("cursor", 1L << 31),
            state -> state.put("cursor", 0.5),
            state -> state.put("cursor", true),
            state -> state.remove("seed"),
            state -> state.put("seed", "5"),
            state -> state.remove("steps"),
            state -> state.put("steps", 1));
    run().checkpoints().begin(2, notes::add);
    for (Consumer<Map<String, Object>> change : wrong) {
      forge(change, moments -> {}, null);
      notes.clear();
      assertEquals(2, TrainingState.newest(run().checkpoints(), notes::add).orElseThrow().step());
      assertEquals(1, notes.size());
      assertTrue(notes.getFirst().contains("step-3 cannot be gone on from"), notes.getFirst());
    }
  }

  @Test
  void rightChecksumsOfAWrongOptimizerAreASentence() throws Exception {
    train(1e-3, 2, 9);
    run().checkpoints().begin(2, notes::add);
    String moment = "m.encoder.blocks.0.attn.qkv.weight";
    forgeAndRefuse(moments -> {}, "", "does not tell the steps of");
    forgeAndRefuse(moments -> {}, "[]", "an object is expected");
    forgeAndRefuse(moments -> {}, "{}", "does not tell the steps of");
    forgeAndRefuse(moments -> {}, "{\"mask_token\":null}", "does not tell the steps of");
    forgeAndRefuse(moments -> {}, "{\"mask_token\":1e99}", "does not tell the steps of");
    forgeAndRefuse(
        moments -> {
          assertTrue(moments.containsKey(moment), moments.keySet().toString());
          moments.remove(moment);
        },
        null,
        "there is no " + moment);
    forgeAndRefuse(
        moments -> {
          Tensor other = moments.values().iterator().next();
          moments.put(moment, other);
        },
        null,
        "optimizer.safetensors");
    forgeAndRefuse(
        moments -> {
          Tensor bad = moments.get(moment);
          float[] values = bad.toFloats();
          values[7] = Float.NaN;
          bad.copyFrom(values);
        },
        null,
        "numbers that are not finite");
  }

  private void forgeAndRefuse(Consumer<Map<String, Tensor>> moments, String steps, String words)
      throws Exception {
    forge(state -> {}, moments, steps);
    with(
        settings(1e-3, 2, 9),
        (trainer, task, settings) -> {
          String said =
              assertThrows(
                      CheckpointException.class,
                      () -> TrainingState.restore(CheckpointFolder.open(step(3)), task, settings))
                  .getMessage();
          assertTrue(said.contains(step(3).toString()) && said.contains(words), said);
        });
  }

  @Test
  void numbersThatAreNotFiniteAreNeverSavedNorCalledGood() throws Exception {
    Body anew = (trainer, task, settings) -> train(trainer, Trainer.Position.START);
    String first = message(anew, this, settings(1e38, 100, 9));
    assertTrue(first.contains("; no checkpoint was saved before; a lower --lr"), first);
    assertTrue(first.startsWith("at step "), first);
    String unsaved = message(anew, this, settings(1e41, 1, 9));
    assertTrue(unsaved.startsWith("after step 1 the values of "), unsaved);
    assertTrue(unsaved.contains("not saved; no checkpoint was saved before; "), unsaved);
    assertFalse(Files.exists(step(1)));
    String useless = message(anew, this, settings(1e38, 1, 9));
    assertTrue(Files.exists(step(1)), "its numbers are finite, but nothing comes of them");
    assertTrue(useless.startsWith("at step 2 "), useless);
    assertTrue(
        useless.contains("no checkpoint in " + run().checkpoints().path() + " is good"), useless);

    train(1e-3, 2, 9);
    Body goOn =
        (trainer, task, settings) ->
            train(trainer, TrainingState.restore(CheckpointFolder.open(step(2)), task, settings));
    String good = message(goOn, this, settings(1e38, 2, 9));
    assertTrue(good.contains("; the checkpoint " + step(2) + " is good; "), good);
    assertEquals(2, TrainingState.newest(run().checkpoints(), notes::add).orElseThrow().step());
  }

  @Test
  void logsThatWereCutGoOnWithWholeLines() throws Exception {
    train(1e-3, 2, 9);
    List<String> all = Files.readAllLines(run().metrics());
    assertEquals(STEPS, all.size());
    byte[] half = "{\"step\":5,\"loss\":\"é".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Files.write(run().metrics(), new byte[] {'x', (byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    Files.write(run().metrics(), "{\"loss\":1}\n".getBytes(), StandardOpenOption.APPEND);
    Files.write(run().metrics(), half, StandardOpenOption.APPEND);
    List<String> damage = new ArrayList<>();
    assertEquals(STEPS, MetricsLog.read(run(), damage::add).size());
    assertEquals(3, damage.size());
    damage.forEach(sentence -> assertTrue(sentence.startsWith(run().metrics() + ": ")));
    // Cut inside of the third line: the run goes on after the second.
    String text = String.join("\n", all);
    Files.writeString(run().metrics(), text.substring(0, text.indexOf(all.get(2)) + 9));
    Files.delete(step(4).resolve("state.json"));
    notes.clear();
    resume(1e-3, 9);
    assertTrue(
        notes.contains(run().metrics() + ": its last line was cut off and counts for nothing"),
        notes.toString());
    List<Map<String, Object>> read = MetricsLog.read(run(), damage::add);
    assertEquals(3, damage.size());
    assertEquals(List.of(1L, 2L, 3L, 4L), read.stream().map(line -> line.get("step")).toList());
  }

  @Test
  void eachStartHasAnEventFileOfItsOwn() throws Exception {
    train(1e-3, 2, 9);
    train(1e-3, 2, 9);
    assertEquals(2, names(run().tensorBoard()).size());
    try (EventFile unused = new EventFile(folder.resolve("tb"), 0)) {
      assertFalse(Files.exists(folder.resolve("tb")), unused.toString());
    }
  }

  @Test
  void aRunFolderThatCannotBeIsNamed() throws Exception {
    Files.writeString(folder.resolve("run"), "a file");
    String said =
        message(
            (trainer, task, settings) -> train(trainer, Trainer.Position.START),
            this,
            settings(1e-3, 2, 9));
    assertEquals(
        "cannot create the folder "
            + folder.resolve("run")
            + ": a file has that name; no checkpoint was saved before",
        said);
  }
}
