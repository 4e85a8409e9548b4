package org.rlvr4j.run;

import java.nio.file.Path;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.config.RunConfig;

/**
 * A reference policy: the weights a run started from, with a memory of its own; or, for a policy with adapters, what it
 * would be without them.
 *
 * @param model    shares the policy's workspace, in which it runs without being recorded
 * @param isShared whether its memory is the policy's as well
 */
record ReferencePolicy(Qwen2 model, boolean isShared) implements AutoCloseable {

    static ReferencePolicy load(Path start, Qwen2 policy) {
        if (policy.base().isPresent()) {
            return new ReferencePolicy(policy.base().get(), true);
        }
        Qwen2 model = Qwen2.frozen(policy.config(), policy.workspace());
        Checkpoint.read(start, model.parameters().tensors());
        return new ReferencePolicy(model, false);
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
