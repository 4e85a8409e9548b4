package org.rlvr4j.tensor;

import org.rlvr4j.tornado.TestDevice;

/** In this package for the contract's sake. */
class DeviceBackendTest implements BackendContract {

    @Override
    public Backend backend() {
        return TestDevice.backend();
    }
}
