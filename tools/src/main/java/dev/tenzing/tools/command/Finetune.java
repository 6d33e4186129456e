package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.run.FinetuneRun;
import dev.tenzing.everest.run.RunOutcome;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.run.ConsoleListener;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.FinetuneOptions;
import dev.tenzing.tools.run.RunOutput;
import dev.tenzing.tools.run.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tenzing finetune}: supervised training, from a checkpoint or from scratch. */
@Command
public final class Finetune extends ToolCommand {
  @Mixin private DataOptions data;
  @Mixin private TrainingOptions training;
  @Mixin private FinetuneOptions finetune;

  @Override
  protected void run(Console console) throws Exception {
    try (Device device = common.openDevice()) {
      RunOutcome outcome =
          new FinetuneRun(finetune.recipe(null, data, training, common.seed()), DataOptions::read)
              .run(
                  device,
                  ConsoleListener.ofRun(console, settled -> OptionValues.of(spec, settled)));
      new RunOutput(outcome).print(console);
    }
  }
}
