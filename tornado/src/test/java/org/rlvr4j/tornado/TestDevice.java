package org.rlvr4j.tornado;

import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider.Precision;

/** The device that the tests run on, {@code -Drlvr4j.device}; opened once, as every kernel is compiled for it. */
public final class TestDevice {

    private static final long BYTES = 1L << 28; // of each role
    private static final int PLACE = Integer.getInteger("rlvr4j.device", 0);

    /** Description of the device, for the tests' names. */
    public static final String NAME = new TornadoDevices().devices().get(PLACE);

    private static final TornadoBackend BACKEND = open(DevicePlan.ofEach(BYTES));

    private TestDevice() {}

    /** Opens the device once more. */
    static TornadoBackend open(DevicePlan plan) {
        return (TornadoBackend) new TornadoDevices().open(PLACE, plan, Precision.EXACT);
    }

    /** Opens the device once more, with arrays of a size in bytes at most. */
    static TornadoBackend open(DevicePlan plan, long largest) {
        return TornadoDevices.open(PLACE, plan, largest, false, Precision.EXACT, TornadoProducts.SCRATCH);
    }

    /** Opens the device with arrays as planned, whatever memory it says that it has. */
    static TornadoBackend openHowever(DevicePlan plan) {
        return new TornadoBackend(
                TornadoDevices.found().get(PLACE), new Banks.Sizes(plan, DevicePlan.LARGEST_ARRAY, false));
    }

    /** The device with tensors spread over two arrays of each role. */
    public static TornadoBackend spread() {
        return Spread.BACKEND;
    }

    /** Opened when it is first used. */
    private static final class Spread {

        static final TornadoBackend BACKEND = TornadoDevices.open(
                PLACE, DevicePlan.ofEach(BYTES), 3 * BYTES / 4, true, Precision.EXACT, TornadoProducts.SCRATCH);
    }

    public static TornadoBackend backend() {
        return BACKEND;
    }
}
