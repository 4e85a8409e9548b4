package org.rlvr4j.tensor;

import java.util.List;
import java.util.Optional;

/**
 * Provider of one kind of device besides the CPU; found by {@link java.util.ServiceLoader}, and used only if requested
 * by name.
 */
public interface DeviceProvider {

    /** Name of this kind of device. */
    String name();

    /** Reason why no device of this kind can be used, in one clause; empty if one can. */
    Optional<String> obstacle();

    /** Descriptions of the devices, each with the number that opens it. */
    List<String> devices();

    /**
     * Opens a device.
     *
     * @param device index of the device in {@link #devices()}
     * @param plan   peak memory of the tensors on the device, by role
     * @throws IllegalArgumentException if there is no such device, or it has too little memory
     */
    Backend open(int device, DevicePlan plan);
}
