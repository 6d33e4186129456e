package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import java.nio.file.Path;

/** Replays reference files. */
public final class Verifier {
  private Verifier() {}

  /**
   * Replays one file on a device.
   *
   * @throws VerifyException when it is no reference file or its kind is not known
   * @throws dev.tenzing.engine.io.SafetensorsException when it cannot be read
   */
  public static FileResult verify(Path path, Device device) {
    try (ReferenceFile file = new ReferenceFile(path)) {
      return switch (file.kind()) {
        case "everest-pretrain", "videomae-pretrain", "videomaev2-dual-pretrain" ->
            PretrainCase.run(file, device);
        case "everest-finetune", "videomaev2-finetune" -> FinetuneCase.run(file, device);
        case "hf-pretrain" -> HuggingFaceCase.pretrain(file, device);
        case "hf-classify" -> HuggingFaceCase.classify(file, device);
        case "everest-select" -> SelectionCase.run(file, device);
        case "distill-loss" -> DistillationCase.losses(file, device);
        case "distill-model" -> DistillationCase.model(file, device);
        case "posembed-interp" -> PositionCase.interpolation(file);
        case "sinusoid" -> PositionCase.sinusoid(file, device);
        case "adamw-trajectory" -> OptimizerCase.run(file, device);
        default ->
            throw new VerifyException(
                path + " holds a case of kind \"" + file.kind() + "\", which cannot be replayed");
      };
    }
  }
}
