package org.rlvr4j.tornado;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Traffic between host and device, and between arrays of the device.
 *
 * @param sent          number of arrays sent to the device, but for control arrays
 * @param sentBytes     size of the arrays sent
 * @param received      number of arrays received from the device
 * @param receivedBytes size of the arrays received
 * @param launches      number of kernels run, each with a control array
 * @param executes      number of task graphs run, of one kernel or several, each of which the host waits for
 * @param controlBytes  size of the control arrays
 * @param borrowed      number of operands copied to another array of the device, beside the others of their kernel
 * @param borrowedBytes size of the operands copied, and copied back
 */
public record Transfers(
        long sent,
        long sentBytes,
        long received,
        long receivedBytes,
        long launches,
        long executes,
        long controlBytes,
        long borrowed,
        long borrowedBytes) {

    /** Traffic since an earlier time. */
    public Transfers since(Transfers earlier) {
        return new Transfers(
                sent - earlier.sent,
                sentBytes - earlier.sentBytes,
                received - earlier.received,
                receivedBytes - earlier.receivedBytes,
                launches - earlier.launches,
                executes - earlier.executes,
                controlBytes - earlier.controlBytes,
                borrowed - earlier.borrowed,
                borrowedBytes - earlier.borrowedBytes);
    }

    /** By name, such as {@code deviceSentBytes}, for a line of a metrics file. */
    public Map<String, Long> toMap() {
        var map = new LinkedHashMap<String, Long>();
        for (RecordComponent component : Transfers.class.getRecordComponents()) {
            String name = component.getName();
            map.put("device" + Character.toUpperCase(name.charAt(0)) + name.substring(1), value(component));
        }
        return map;
    }

    private Long value(RecordComponent component) {
        try {
            return (Long) component.getAccessor().invoke(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    /** Counter of one kind. */
    static final class Count {

        private long times;
        private long bytes;

        void add(long size) {
            times++;
            bytes += size;
        }

        long times() {
            return times;
        }

        long bytes() {
            return bytes;
        }
    }
}
