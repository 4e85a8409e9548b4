package org.rlvr4j.model;

import org.rlvr4j.tensor.Tensor;

/** Attention of one layer's queries over keys and values, wherever these are stored. */
public interface LayerAttention {

    /**
     * Attention output (T, H * D) of queries q (T, H * D), with the same tokens' keys k and values v (T, G * D).
     *
     * @param layer layer of the model, from 0
     * @param q     (T, H * D) queries
     * @param k     (T, G * D) keys
     * @param v     (T, G * D) values
     */
    Tensor attend(int layer, Tensor q, Tensor k, Tensor v);
}
