package org.rlvr4j.cli;

import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.Buffer;

/**
 * A reference policy: the weights a run started from, with a memory of its own.
 *
 * @param model shares the policy's workspace, in which it runs without being recorded
 */
record Frozen(Qwen2 model) implements AutoCloseable {

    static Frozen copy(Qwen2 policy, Buffer weights) {
        Qwen2 model = Qwen2.frozen(policy.config(), policy.workspace());
        model.parameters().weights().copyFrom(weights);
        return new Frozen(model);
    }

    @Override
    public void close() {
        model.close();
    }
}
