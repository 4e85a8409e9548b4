package org.rlvr4j.model;

import org.rlvr4j.tensor.Tensor;

/** Attention of one layer's queries over keys and values, wherever these are stored. */
public interface LayerAttention {

    /** Attention output (T, H * D) of queries q (T, H * D), with the same tokens' keys k and values v (T, G * D). */
    Tensor attend(int layer, Tensor q, Tensor k, Tensor v);
}
