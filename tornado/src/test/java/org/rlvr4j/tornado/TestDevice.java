package org.rlvr4j.tornado;

/** The device that the tests run on, {@code -Drlvr4j.device}; opened once, as every kernel is compiled for it. */
public final class TestDevice {

    private static final long BYTES = 1L << 30;
    private static final int PLACE = Integer.getInteger("rlvr4j.device", 0);

    /** Description of the device, for the tests' names. */
    public static final String NAME = new TornadoDevices().devices().get(PLACE);

    private static final TornadoBackend BACKEND = (TornadoBackend) new TornadoDevices().open(PLACE, BYTES);

    private TestDevice() {}

    public static TornadoBackend backend() {
        return BACKEND;
    }
}
