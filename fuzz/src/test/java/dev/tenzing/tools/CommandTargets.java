package dev.tenzing.tools;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.SafetensorsMutation;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Judge;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.tools.cli.ConfigTargets;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.video.augment.RandAugment;
import dev.tenzing.video.decode.StreamAddress;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.sample.SamplingRule;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What commands take: words, values, sources, and files that they tell about. */
public final class CommandTargets {
  private CommandTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("option-values", 1, CommandTargets::values),
        new Target("options", 20, CommandTargets::options),
        new Target("sources", 2, CommandTargets::sources),
        new Target("inspect", 10, CommandTargets::inspect),
        new Target("verify", 10, CommandTargets::verify));
  }

  private static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static Attack values(Path folder) {
    String[] good = {
      "running-cell:0.5",
      "frame:0.5",
      "random:0.25",
      "tube:0.9",
      "5x3",
      "10x1",
      "rtsp://a:b@h/c",
      "https://example.org/a.m3u8",
      "/dev/video0",
      "-",
      "vit-s",
      "dense",
      "everest",
      "rand-m7-n4-mstd0.5-inc1"
    };
    return new Attack(
        texts(good),
        Mutation.anyOf(
            TextMutation.with(good), ByteMutation.with("x", ":", "-", "://", "@", "m", "n")),
        input -> {
          String word = new String(input, StandardCharsets.UTF_8);
          List<UsageException> refused = new ArrayList<>();
          List<Target.FileParser> parsers =
              List.of(
                  path -> TokenMask.parse(word),
                  path -> Views.parse(word),
                  path -> StreamAddress.of(word),
                  path -> VitConfig.named(word),
                  path -> SamplingRule.named(word),
                  path -> Method.named(word),
                  path -> RandAugment.parse(word));
          for (Target.FileParser parser : parsers) {
            try {
              parser.parse(folder);
            } catch (Exception e) {
              String complaint = Judge.complaint(e, input, null);
              if (complaint != null) {
                throw e;
              }
              refused.add(new UsageException(word));
            }
          }
          if (refused.size() == parsers.size()) {
            throw new UsageException("this is no value of an option");
          }
        });
  }

  /**
   * Options of commands that come to no data, or need none. Outputs are none of them: nothing is
   * written where an input says.
   */
  private static Attack options(Path folder) {
    String none = folder.resolve("none").toString();
    String[][] commands = {
      {"pretrain", "--data=" + none, "--output=" + none},
      {"finetune", "--data=" + none, "--output=" + none},
      {"evaluate", "--checkpoint=" + none, "--data=" + none},
      {"predict", "--checkpoint=" + none, none},
      {"features", "--checkpoint=" + none, "--data=" + none, "--output=" + none},
      {"profile", "--model=tiny"},
      {"inspect", none},
      {"prepare", "--data=" + none, "--output=" + none},
      {"distill", "--teacher=" + none, "--data=" + none, "--output=" + none}
    };
    String[] options = {
      "--frames",
      "--stride",
      "--size",
      "--sampling",
      "--temporal-jitter",
      "--decode-threads",
      "--cache-mib",
      "--strict",
      "--model",
      "--epochs",
      "--steps",
      "--batch",
      "--accumulate",
      "--lr",
      "--min-lr",
      "--warmup-epochs",
      "--weight-decay",
      "--clip-grad",
      "--checkpoint-every",
      "--keep-checkpoints",
      "--log-every",
      "--mask-ratio",
      "--keep",
      "--decoder-mask",
      "--frame-selection",
      "--crop",
      "--auto-augment",
      "--erase",
      "--mixup",
      "--cutmix",
      "--num-sample",
      "--heads",
      "--layer-scale",
      "--classes",
      "--drop-path",
      "--views",
      "--smoothing",
      "--method",
      "--task",
      "--window",
      "--hop",
      "--top",
      "--precision",
      "--seed",
      "--clips",
      "--side",
      "--recompute",
      "--device",
      "--help",
      "-h",
      "--json"
    };
    return new Attack(
            texts(
                "0\n--help",
                "1\n-h\n--batch=2",
                "5\n--frames=8\n--size=32\n--batch=2",
                "5\n--method=videomae-v2\n--decoder-mask=running-cell:0.5\n--size=32",
                "5\n--task=finetune\n--keep=0.6\n--frame-selection=1.5\n--size=32",
                "0\n--steps=10\n--batch=4\n--keep=0.3\n--help",
                "1\n--epochs=3\n--classes=4\n--views=2x1\n--help",
                "4\n--window=16\n--hop=4\n--help"),
            TextMutation.with(options),
            input -> {
              List<String> lines = new String(input, StandardCharsets.UTF_8).lines().toList();
              String number = lines.isEmpty() ? "" : lines.getFirst();
              int command =
                  number.isEmpty() ? 0 : Math.floorMod(number.charAt(0) - '0', commands.length);
              List<String> words = new ArrayList<>(List.of(commands[command]));
              lines.stream().skip(1).filter(CommandTargets::isHarmless).forEach(words::add);
              run(input, words);
            })
        .allowing(256 << 20);
  }

  private static boolean isHarmless(String word) {
    return !word.matches("(?s)--(output|threads|config|data-root|val|resume|t|th.*)(=.*)?");
  }

  /** Runs a command, which may fail, and refuses what it prints if need be. */
  private static void run(byte[] input, List<String> words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    PrintStream out = new PrintStream(OutputStream.nullOutputStream());
    int code = Main.run(words.toArray(String[]::new), out, err, false);
    if (code != 0) {
      String printed = bytes.toString(StandardCharsets.UTF_8);
      // Notes may come before the sentence.
      String sentence = printed.substring(Math.max(0, printed.lastIndexOf("tenzing: ")));
      String complaint = Judge.complaint(code, sentence, input, null);
      if (complaint != null) {
        throw new AssertionError(complaint + " of " + words);
      }
      throw new UsageException(sentence.strip());
    }
  }

  private static Attack sources(Path folder) throws Exception {
    Files.writeString(folder.resolve("a.csv"), "x.mp4 0\ny.mp4 1\n");
    Files.writeString(folder.resolve("b.csv"), "z.mp4 0\n");
    for (String video : List.of("x.mp4", "y.mp4", "z.mp4")) {
      Files.createFile(folder.resolve(video)); // nobody reads it, but it has to be there
    }
    Files.writeString(folder.resolve("names.txt"), "wave\nrun\n");
    Files.writeString(folder.resolve("map.json"), "[1]");
    Files.writeString(folder.resolve("same.json"), "{\"waving\": \"wave\"}");
    return Attack.onFile(
            folder.resolve("mix.yaml"),
            texts(
                "classes: names.txt\nsame: same.json\nsources:\n  - {name: a, data: a.csv}\n"
                    + "  - {name: b, data: b.csv, labels: map.json, weight: 0.5, stride: 2}\n",
                "{\"sources\": [{\"data\": \"a.csv\"}, {\"data\": \"b.csv\", \"root\": \".\"}]}\n"),
            Mutation.anyOf(
                ConfigTargets.YAML,
                TextMutation.with(
                    "sources",
                    "name",
                    "data",
                    "root",
                    "labels",
                    "weight",
                    "stride",
                    "classes",
                    "same",
                    "a.csv",
                    "map.json",
                    "names.txt",
                    "{",
                    "}",
                    "[",
                    "]",
                    "-")),
            file -> {
              VideoList list =
                  DataOptions.list(file, null, VideoList.Labels.REQUIRED, 0, List.of());
              list.epoch();
              list.weighted();
            })
        .allowing(16 << 20)
        .unnamed(); // it may name any other file
  }

  private static Attack inspect(Path folder) throws Exception {
    Path file = folder.resolve("model.safetensors");
    VitConfig config = new VitConfig("test", 12, 1, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
    ClipShape clip = ClipShape.square(4, 16);
    VideoClassifier.Options options = new VideoClassifier.Options(2, null, true, false, 0, 1);
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(config, clip, options, device, Rng.seed(5), false)) {
      ModelFile.write(
          file,
          model.parameters(),
          new ModelDescription(config, clip, 2, new Classification(options, List.of("a", "b"))));
    }
    return Attack.onFile(
            file,
            List.of(Files.readAllBytes(file)),
            Mutation.anyOf(
                SafetensorsMutation.ofAll("dtype", "shape", "F16", "head.weight", "pos_embed"),
                SafetensorsMutation.ofMetadata("tenzing", "model", "width", "depth", "classes")),
            path -> {
              run(Files.readAllBytes(path), List.of("inspect", path.toString(), "--json"));
              run(Files.readAllBytes(path), List.of("inspect", path.toString(), "--model", "tiny"));
            })
        .allowing(64 << 20)
        .unnamed();
  }

  private static Attack verify(Path folder) throws Exception {
    Path files = Path.of("../everest/src/test/resources/reference");
    return Attack.onFile(
            folder.resolve("a.safetensors"),
            List.of(
                Files.readAllBytes(files.resolve("distill-loss-1.safetensors")),
                Files.readAllBytes(files.resolve("everest-select-4.safetensors"))),
            SafetensorsMutation.ofAll(
                "dtype",
                "shape",
                "kind",
                "config",
                "distill-loss",
                "sinusoid",
                "input.mask",
                "everest-select",
                "adamw-trajectory",
                "posembed-interp",
                "hf-classify"),
            path -> run(Files.readAllBytes(path), List.of("verify", path.toString(), "--json")))
        .allowing(64 << 20)
        .unnamed();
  }
}
