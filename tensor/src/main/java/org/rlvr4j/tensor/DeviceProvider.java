package org.rlvr4j.tensor;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Provider of one kind of device besides the CPU; found by {@link java.util.ServiceLoader}, and used only if requested
 * by name.
 */
public interface DeviceProvider {

    /** Precision of the products of linear layers; numbers are stored and added up in single precision in all of them. */
    enum Precision {
        /** Single precision, with the bits that the scalar backend defines. */
        EXACT,
        /** Factors rounded to ten bits after the point, TensorFloat-32, for tensor cores. */
        TF32,
        /** Factors rounded to seven bits after the point, bfloat16, for tensor cores. */
        BF16;

        /** Name in a device's name, such as {@code tf32}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Precision of a name.
         *
         * @param text name as {@link #text} gives it
         * @throws IllegalArgumentException if there is none
         */
        public static Precision named(String text) {
            return Stream.of(values())
                    .filter(precision -> precision.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("a precision is exact, tf32 or bf16, not " + text));
        }
    }

    /** Name of this kind of device. */
    String name();

    /** Reason why no device of this kind can be used, in one clause; empty if one can. */
    Optional<String> obstacle();

    /** Descriptions of the devices, each with the number that opens it. */
    List<String> devices();

    /**
     * Opens a device.
     *
     * @param device    index of the device in {@link #devices()}
     * @param plan      peak memory of the tensors on the device, by role
     * @param precision precision of the products of linear layers
     * @throws IllegalArgumentException if there is no such device, or it has too little memory or not this precision
     */
    Backend open(int device, DevicePlan plan, Precision precision);
}
