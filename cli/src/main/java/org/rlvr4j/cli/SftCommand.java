package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.DeviceConverter;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.SettingsOptions;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.sft.FineTuned;
import org.rlvr4j.run.sft.FineTuning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** The command {@code sft}. */
@Command(
        name = "sft",
        description = "Trains a model on your own examples, by supervised learning.",
        mixinStandardHelpOptions = true)
final class SftCommand implements Callable<Integer> {

    @ParentCommand
    private Main main = new Main();

    @Parameters(
            paramLabel = "CONFIG",
            description = "a YAML file, such as configs/sft.yaml; or else --model and --data",
            arity = "0..1")
    private @Nullable Path file;

    @Option(names = "--model", paramLabel = "FOLDER", description = "a checkpoint in Hugging Face layout")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "examples as JSON Lines or Parquet: messages, prompt and completion, or question and answer")
    private @Nullable Path data;

    @Option(names = "--output", paramLabel = "FOLDER", description = "folder of the results (default: runs/sft)")
    private @Nullable Path folder;

    @Option(names = "--lora", description = "trains adapters in place of all weights")
    private boolean lora;

    @Mixin
    private SettingsOptions settings = new SettingsOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--fresh", description = "starts over: removes the checkpoints of an earlier run")
    private boolean fresh;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "what to compute on, as rlvr4j devices lists it (default: cpu)",
            converter = DeviceConverter.class)
    private Device device = Device.cpu();

    @Override
    public Integer call() {
        SupervisedConfig config = config();
        Screen screen = output.screen();
        var listener = new TerminalListener(screen, System.err);
        FineTuned result = FineTuning.of(config)
                .on(device)
                .fresh(fresh)
                .until(main.interruption())
                .run(listener);
        screen.out().println();
        output.print(() -> text(result, listener.plan()), () -> map(result, listener.plan()));
        return 0;
    }

    private SupervisedConfig config() {
        if (file != null) {
            if (model != null || data != null || folder != null || lora) {
                throw new IllegalArgumentException(
                        "sft takes either a CONFIG, whose settings --set replaces, or --model,"
                                + " --data, --output and --lora");
            }
            return checked(settings.readSupervised(file));
        }
        if (model == null || data == null) {
            throw new IllegalArgumentException("sft takes either a CONFIG, or --model FOLDER and --data FILE");
        }
        Map<String, Object> start = new LinkedHashMap<>();
        start.put("from", "checkpoint");
        start.put("path", model.toString());
        if (lora) {
            start.put("lora", Map.of());
        }
        Map<String, Object> all = new LinkedHashMap<>();
        if (folder != null) {
            all.put("output", folder.toString());
        }
        all.put("model", start);
        all.put("training", Map.of("demonstrations", data.toString()));
        return checked(settings.supervised(all));
    }

    private static SupervisedConfig checked(SupervisedConfig config) {
        if (config.model() instanceof RunConfig.Start.Checkpoint checkpoint) {
            ModelOptions.requireFolder(checkpoint.path());
        }
        return config;
    }

    private static String text(FineTuned result, Optional<MemoryPlan> plan) {
        return result.table().toText() + "\nModel: " + result.model() + ", after step " + result.modelSteps()
                + "\nReport: " + result.reportFile() + "\n" + Summary.memory(plan);
    }

    private static Map<String, Object> map(FineTuned result, Optional<MemoryPlan> plan) {
        Map<String, Object> map = result.toMap();
        plan.ifPresent(planned -> map.put("predictedMemory", planned.total()));
        MachineMemory.peak().ifPresent(peak -> map.put("peakMemory", peak));
        return map;
    }
}
