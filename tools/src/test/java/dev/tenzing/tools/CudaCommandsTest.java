package dev.tenzing.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tenzing.tools.cli.Json;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands on a GPU, here the emulated one: all that a user's run goes through but the card.
 */
@Tag("cuda")
class CudaCommandsTest {
  private static final String TINY =
      " --model tiny --size 32 --stride 2 --batch 2 --steps 3 --log-every 1 --json";

  @TempDir private static Path data;
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeVideos() throws IOException {
    String standIns = System.getenv("TENZING_CUDA_PATH");
    assumeTrue(
        standIns != null && Files.exists(Path.of(standIns, "libcuda.so.1")),
        "no stand-ins for a GPU: the engine's tests make them, and need g++");
    new SyntheticActions(2, 2, 1, 32, 1).write(data, done -> {});
  }

  private JsonObject json(String words) {
    out.reset();
    err.reset();
    int code = Main.run(words.split(" "), new PrintStream(out), new PrintStream(err), false);
    assertEquals(0, code, err::toString);
    return Json.read(out.toString()).getAsJsonObject();
  }

  private String pretrain(String name, String more) {
    return "pretrain --data "
        + data.resolve("train.csv")
        + " --output "
        + folder.resolve(name)
        + " --mask-ratio 0.75 --keep 0.5"
        + TINY
        + more;
  }

  private double loss(JsonObject run) {
    return (run.has("training") ? run.getAsJsonObject("training") : run).get("loss").getAsDouble();
  }

  @Test
  void trainsAsTheCpuDoes() {
    double cpu = loss(json(pretrain("cpu", "")));
    double gpu = loss(json(pretrain("gpu", " --device cuda")));
    double bf16 = loss(json(pretrain("bf16", " --device cuda --precision bf16")));
    assertEquals(cpu, gpu, 1e-4 * cpu);
    assertEquals(cpu, bf16, 1e-2 * cpu);
    assertTrue(bf16 != gpu, "BF16 gives the bits of F32");
  }

  @Test
  void benchTimesReplaysOfACapturedStep() {
    String words = "bench --model tiny --size 32 --batch 2 --warmup 2 --steps 2 --json --device ";
    JsonObject gpu = json(words + "cuda --precision bf16");
    assertTrue(gpu.get("captured").getAsBoolean());
    assertEquals("bf16", gpu.get("precision").getAsString());
    assertTrue(gpu.get("median_ms").getAsDouble() > 0);
    assertTrue(!json(words + "cpu").get("captured").getAsBoolean());
    JsonObject profiled = json(words + "cuda --precision bf16 --profile");
    assertTrue(!profiled.get("captured").getAsBoolean());
    assertEquals(gpu.get("loss"), profiled.get("loss"));
    assertTrue(profiled.getAsJsonObject("profile").get("waited").getAsBoolean());
  }

  @Test
  void continuesAndEvaluatesWhatTheOtherTrained() {
    json(pretrain("start", " --device cuda"));
    String finetune =
        "finetune --data "
            + data.resolve("train.csv")
            + " --val "
            + data.resolve("val.csv")
            + " --checkpoint "
            + folder.resolve("start")
            + " --output "
            + folder.resolve("tuned")
            + " --keep 0.6 --device cuda"
            + TINY;
    json(finetune);
    String evaluate =
        "evaluate --checkpoint "
            + folder.resolve("tuned")
            + " --data "
            + data.resolve("val.csv")
            + " --views 2x1 --json --device ";
    JsonObject cpu = json(evaluate + "cpu");
    JsonObject gpu = json(evaluate + "cuda:0");
    assertEquals(loss(cpu), loss(gpu), 1e-5);
    assertEquals(cpu.get("top1"), gpu.get("top1"));
  }

  @Test
  void stepsAreTimedAsTheyAreTrained() {
    for (String task : new String[] {"pretrain", "finetune"}) {
      String bench =
          "bench --task "
              + task
              + " --model tiny --size 32 --batch 2 --warmup 2 --steps 2 --json --device ";
      JsonObject cpu = json(bench + "cpu");
      JsonObject gpu = json(bench + "cuda");
      assertTrue(gpu.get("median_ms").getAsDouble() > gpu.get("host_ms").getAsDouble());
      assertEquals(loss(cpu), loss(gpu), 1e-4 * loss(cpu));
    }
  }
}
