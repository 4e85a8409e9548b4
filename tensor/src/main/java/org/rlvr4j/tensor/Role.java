package org.rlvr4j.tensor;

/** Role of tensors, by which a device divides its memory: tensors of one role lie together. */
public enum Role {
    /** Values of parameters, trained or frozen. */
    WEIGHTS,
    /** Gradients of parameters. */
    GRADIENTS,
    /** Moving means of the gradients, which AdamW holds. */
    MEANS,
    /** Moving means of the squared gradients, which AdamW holds. */
    SQUARES,
    /** Activations and their gradients, cached keys and values, and the scratch memory of kernels. */
    ACTIVATIONS,
    /** Lists and tables that kernels look numbers up in, such as token ids and the angles of positions. */
    TABLES
}
