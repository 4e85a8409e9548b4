package org.rlvr4j.tensor;

import java.util.function.Supplier;

/** Scope in which operations are not recorded, such as sampling. */
public final class NoGrad {

    private static final ScopedValue<Boolean> RECORDING = ScopedValue.newInstance();

    private NoGrad() {}

    /**
     * Runs a computation in which operations are not recorded.
     *
     * @param <T>  type of the computation's result
     * @param body the computation
     */
    public static <T> T call(Supplier<T> body) {
        return ScopedValue.where(RECORDING, false).call(body::get);
    }

    static boolean isRecording() {
        return RECORDING.orElse(true);
    }
}
