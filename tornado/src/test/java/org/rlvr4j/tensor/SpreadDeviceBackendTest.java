package org.rlvr4j.tensor;

import org.rlvr4j.tornado.TestDevice;

/** Contract of backends, on a device whose tensors are spread over several arrays, and of which the host holds little. */
class SpreadDeviceBackendTest implements BackendContract {

    @Override
    public Backend backend() {
        return TestDevice.spread();
    }

    @Override
    public boolean isExact() {
        return true;
    }
}
