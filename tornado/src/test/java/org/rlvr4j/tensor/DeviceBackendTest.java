package org.rlvr4j.tensor;

import org.rlvr4j.tornado.TestDevice;

/** Contract of backends, on the device; in this package because the contract is. */
class DeviceBackendTest implements BackendContract {

    @Override
    public Backend backend() {
        return TestDevice.backend();
    }

    @Override
    public boolean isExact() {
        return true;
    }
}
