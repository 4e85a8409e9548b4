package org.rlvr4j.run.config;

import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;

/** Precision in which the weights of a trained model are written when its training ends. Adapters are always float32. */
public enum ResultType {
    /** That of the start: bfloat16 if all its weights are stored as bfloat16, otherwise float32. */
    START,
    /** Single precision, in which all training computes. */
    FLOAT32,
    /** Rounded to half the size. */
    BFLOAT16;

    /**
     * Element type of the written weights.
     *
     * @param start model with which the training starts
     * @throws java.io.UncheckedIOException if the start's weights cannot be read
     */
    public Safetensors.Dtype dtype(RunConfig.Start start) {
        boolean rounded =
                switch (this) {
                    case START ->
                        start instanceof RunConfig.Start.Checkpoint checkpoint
                                && Checkpoint.isBfloat16(checkpoint.path());
                    case FLOAT32 -> false;
                    case BFLOAT16 -> true;
                };
        return rounded ? Safetensors.Dtype.BF16 : Safetensors.Dtype.F32;
    }
}
