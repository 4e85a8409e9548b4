package org.rlvr4j.tensor;

import java.util.List;
import java.util.Optional;

/** Devices beside the CPU, of one kind; found by {@link java.util.ServiceLoader}, and used only if asked for by name. */
public interface DeviceProvider {

    /** What the kind is called. */
    String name();

    /** Why no device of this kind can be used, in one clause; empty if one can. */
    Optional<String> obstacle();

    /** The devices, each by the number that it is opened by and what it is. */
    List<String> devices();

    /**
     * Opens a device.
     *
     * @param device one of {@link #devices()} by its place in the list
     * @param bytes  what tensors will take of its memory at the peak
     * @throws IllegalArgumentException if there is no such device, or not so much memory
     */
    Backend open(int device, long bytes);
}
