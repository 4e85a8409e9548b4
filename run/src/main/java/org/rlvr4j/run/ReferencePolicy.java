package org.rlvr4j.run;

import org.rlvr4j.model.Decoder;

/**
 * Reference policy: a model with the weights that the run started from, in separate memory; or, if the policy has
 * adapters, the policy's model without them.
 *
 * @param model    model in the policy's workspace, in which it runs without being recorded
 * @param isShared whether the weights are those of the policy, which then closes them
 */
record ReferencePolicy(Decoder model, boolean isShared) implements AutoCloseable {

    /** Loads the reference policy from the weights of the start. */
    static ReferencePolicy load(StartWeights start, Decoder policy) {
        if (policy.base().isPresent()) {
            return new ReferencePolicy(policy.base().get(), true);
        }
        Decoder model = Decoder.frozen(policy.config(), policy.workspace());
        start.restore(model);
        return new ReferencePolicy(model, false);
    }

    @Override
    public void close() {
        if (!isShared) {
            model.close();
        }
    }
}
