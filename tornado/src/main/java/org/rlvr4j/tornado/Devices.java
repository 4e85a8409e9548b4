package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The devices that TornadoVM finds. */
final class Devices {

    private Devices() {}

    /** @param name driver and device, such as {@code 0:0} */
    static TornadoDevice device(String name) {
        String[] parts = name.split(":", 2);
        return TornadoExecutionPlan.getDevice(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
}
