package org.rlvr4j.cli.option;

import org.rlvr4j.run.Device;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converter of the option {@code --device}: from a name such as {@code tornado:1} to a device. */
public final class DeviceConverter implements ITypeConverter<Device> {

    @Override
    public Device convert(String value) {
        try {
            return Device.named(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
