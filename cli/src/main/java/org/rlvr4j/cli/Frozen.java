package org.rlvr4j.cli;

import java.nio.file.Path;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.Qwen2;

/**
 * A reference policy: the weights a run started from, with a memory of its own.
 *
 * @param model shares the policy's workspace, in which it runs without being recorded
 */
record Frozen(Qwen2 model) implements AutoCloseable {

    static Frozen load(Path start, Qwen2 policy) {
        Qwen2 model = Qwen2.frozen(policy.config(), policy.workspace());
        Checkpoint.read(start, model.parameters().tensors());
        return new Frozen(model);
    }

    @Override
    public void close() {
        model.close();
    }
}
