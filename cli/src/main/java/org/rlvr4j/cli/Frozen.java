package org.rlvr4j.cli;

import java.nio.file.Path;
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
        return String.join("", Sha256.of(base.path(), ".*\\.safetensors").values());
    }

    @Override
    public void close() {
        if (!isShared) {
            model.close();
        }
    }
}
