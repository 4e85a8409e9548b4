package org.rlvr4j.run;

import java.nio.file.Path;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.Sha256;

/**
 * Reference policy: a model with the weights that the run started from, in separate memory; or, if the policy has
 * adapters, the policy's model without them.
 *
 * @param model    model in the policy's workspace, in which it runs without being recorded
 * @param isShared whether the weights are those of the policy, which then closes them
 */
record ReferencePolicy(Decoder model, boolean isShared) implements AutoCloseable {

    /** Loads the reference policy from the folder of the start. */
    static ReferencePolicy load(Path start, Decoder policy) {
        if (policy.base().isPresent()) {
            return new ReferencePolicy(policy.base().get(), true);
        }
        Decoder model = Decoder.frozen(policy.config(), policy.workspace());
        Checkpoint.read(start, model.parameters().tensors());
        return new ReferencePolicy(model, false);
    }

    /** Digest of the frozen weights below trained adapters; empty if all weights are trained. */
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
