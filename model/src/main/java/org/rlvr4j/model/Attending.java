package org.rlvr4j.model;

import org.rlvr4j.tensor.Tensor;

/** Where attention finds the keys and values of a layer's queries. */
public interface Attending {

    /** q (T, H * D), k and v (T, G * D); returns (T, H * D). */
    Tensor attend(int layer, Tensor q, Tensor k, Tensor v);
}
