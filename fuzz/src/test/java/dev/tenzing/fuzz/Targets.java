package dev.tenzing.fuzz;

import dev.tenzing.engine.io.TensorFileTargets;
import dev.tenzing.engine.io.torch.TorchTargets;
import dev.tenzing.everest.checkpoint.CheckpointTargets;
import dev.tenzing.everest.features.FeatureTargets;
import dev.tenzing.everest.run.RunFileTargets;
import dev.tenzing.everest.training.RunTargets;
import dev.tenzing.tools.CommandTargets;
import dev.tenzing.tools.cli.ConfigTargets;
import dev.tenzing.tools.run.ReportTargets;
import dev.tenzing.video.decode.DecodeTargets;
import dev.tenzing.video.list.ListTargets;
import dev.tenzing.video.load.ScanTargets;
import dev.tenzing.video.prepare.PrepareTargets;
import java.util.List;
import java.util.stream.Stream;

/** All parsers of the program. */
final class Targets {
  static final List<Target> ALL =
      Stream.of(
              TensorFileTargets.all(),
              TorchTargets.all(),
              CheckpointTargets.all(),
              FeatureTargets.all(),
              RunTargets.all(),
              RunFileTargets.all(),
              ConfigTargets.all(),
              ReportTargets.all(),
              CommandTargets.all(),
              ListTargets.all(),
              ScanTargets.all(),
              PrepareTargets.all(),
              DecodeTargets.all())
          .flatMap(List::stream)
          .toList();

  private Targets() {}

  static Target named(String name) {
    return ALL.stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no target %s; there are %s"
                    .formatted(name, ALL.stream().map(Target::name).toList())));
  }
}
