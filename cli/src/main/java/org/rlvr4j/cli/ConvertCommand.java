package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.CheckpointFolder;
import org.rlvr4j.run.Device;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DevicePlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code convert}. */
@Command(
        name = "convert",
        description = "Writes a checkpoint again, in another precision, in other shards, or with adapters merged into"
                + " it.",
        mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "a checkpoint in Hugging Face layout",
            required = true)
    private Path model = Path.of("");

    @Parameters(paramLabel = "TO", description = "a folder that holds none yet")
    private Path to = Path.of("");

    @Option(
            names = "--dtype",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})",
            defaultValue = "F32")
    private Precision dtype = Precision.F32;

    @Option(
            names = "--shard-bytes",
            paramLabel = "N",
            description = "largest file (default: ${DEFAULT-VALUE})",
            defaultValue = "4000000000")
    private long shardBytes;

    @Option(
            names = "--adapter",
            paramLabel = "FOLDER",
            description = "adapters in PEFT's layout, which are added to the weights")
    private @Nullable Path adapter;

    @Override
    public Integer call() {
        ModelOptions.requireFolder(model);
        try (Backend backend = Device.cpu().open(0, DevicePlan.none(), ModelOptions::warn)) {
            CheckpointFolder.convert(model, adapter, to, dtype.stored, shardBytes, backend);
        }
        return 0;
    }

    /** Precision that weights can be written in. */
    private enum Precision {
        F32(Safetensors.Dtype.F32),
        BF16(Safetensors.Dtype.BF16);

        private final Safetensors.Dtype stored;

        Precision(Safetensors.Dtype stored) {
            this.stored = stored;
        }
    }
}
