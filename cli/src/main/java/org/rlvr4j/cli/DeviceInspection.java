package org.rlvr4j.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Role;

/**
 * Inspection of the memory that work needs on a device, and on the host beside it.
 *
 * @param work   inspection of the work
 * @param memory memory of the device, in bytes
 */
record DeviceInspection(Inspection work, long memory) {

    private DevicePlan plan() {
        return work.plan().onDevice();
    }

    private boolean fits() {
        return plan().total() <= memory;
    }

    /** @throws IllegalArgumentException if the work does not fit in the device's memory */
    void requireFit() {
        if (!fits()) {
            throw new IllegalArgumentException(
                    "the device needs %.1f GB, but has only %.1f GB".formatted(plan().total() / 1e9, memory / 1e9));
        }
    }

    /** Bytes of each role, and of what stays empty at the ends of arrays. */
    private Map<String, Long> parts() {
        var parts = new LinkedHashMap<String, Long>();
        long sum = 0;
        for (Role role : Role.values()) {
            int arrays = plan().arrays(role, DevicePlan.LARGEST_ARRAY).size();
            String name = role.name().toLowerCase(Locale.ROOT);
            parts.put(arrays > 1 ? name + ", in " + arrays + " arrays" : name, plan().of(role));
            sum += plan().of(role);
        }
        parts.put("ends of arrays", plan().total() - sum);
        return parts;
    }

    /** Tables of the memory, and whether the device has it. */
    String toText(MachineMemory machine) {
        MemoryPlan host = work.plan().besideDevice();
        String device = Inspection.table(work.caption() + " on a device", parts(), plan().total());
        return device
                + "\nthe device has %.1f GB: %s%n".formatted(memory / 1e9, fits() ? "fits" : "does not fit")
                + "the host needs %s beside it, and has %s: %s%n"
                        .formatted(
                                MachineMemory.gigabytes(host.total()),
                                machine,
                                machine.fits(host) ? "fits" : "does not fit");
    }

    /** Memory in bytes. */
    Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("of", work.caption());
        map.put("parts", parts());
        map.put("total", plan().total());
        map.put("device", memory);
        map.put("fits", fits());
        map.put("host", work.plan().besideDevice().total());
        return map;
    }
}
