package org.rlvr4j.tornado;

/** The device that the tests run on, named by {@code -Dtornado.device}; opened once, as it compiles every kernel. */
public final class TestDevice {

    private static final int NUMBERS = 1 << 27; // half a gigabyte

    private static final TornadoBackend BACKEND =
            new TornadoBackend(Devices.device(System.getProperty("rlvr4j.device", "0:0")), NUMBERS);

    private TestDevice() {}

    public static TornadoBackend backend() {
        return BACKEND;
    }
}
