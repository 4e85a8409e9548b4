package org.rlvr4j.spark;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.spark.Wire.LoraData;

/**
 * What a worker makes its model of: texts, so that it needs no file.
 *
 * @param fleet      name of the fleet, which is another one for each driver
 * @param driver     program and virtual machine of the driver, which the worker's must equal
 * @param shape      the model's {@code config.json}
 * @param lora       settings of adapters; null for none
 * @param frozenType type of the frozen matrices below adapters, and of those of a model that only generates
 * @param trains     whether gradients are computed
 * @param recompute  whether layers are computed again in the backward pass
 * @param threads    threads of a worker
 * @param bytes      memory that a worker needs beside its heap
 */
record WorkerSpec(
        String fleet,
        Machine driver,
        String shape,
        @Nullable LoraData lora,
        String frozenType,
        boolean trains,
        boolean recompute,
        int threads,
        long bytes)
        implements Serializable {}
