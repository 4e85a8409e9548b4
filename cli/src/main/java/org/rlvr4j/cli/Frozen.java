package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.Qwen2;

/**
 * A reference policy: the weights a run started from, with a memory of its own; or, for a policy with adapters, what it
 * would be without them.
 *
 * @param model    shares the policy's workspace, in which it runs without being recorded
 * @param isShared whether its memory is the policy's as well
 */
record Frozen(Qwen2 model, boolean isShared) implements AutoCloseable {

    static Frozen load(Path start, Qwen2 policy) {
        if (policy.base().isPresent()) {
            return new Frozen(policy.base().get(), true);
        }
        Qwen2 model = Qwen2.frozen(policy.config(), policy.workspace());
        Checkpoint.read(start, model.parameters().tensors());
        return new Frozen(model, false);
    }

    /** Names the content of the weights that adapters are trained beside; empty where all weights are trained. */
    static String digest(RunConfig.Start start) {
        if (!(start instanceof RunConfig.Start.Checkpoint base) || base.lora() == null) {
            return "";
        }
        try (Stream<Path> files = Files.list(base.path())) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .map(Sha256::of)
                    .collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + base.path() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (!isShared) {
            model.close();
        }
    }
}
