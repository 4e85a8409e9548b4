package org.rlvr4j.tornado;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What has crossed the bus between host and device.
 *
 * @param sent          arrays sent to the device, control arrays apart
 * @param sentBytes     their size
 * @param received      arrays received
 * @param receivedBytes their size
 * @param launches      kernels run, each with a control array
 * @param controlBytes  size of the control arrays
 */
public record Transfers(
        long sent, long sentBytes, long received, long receivedBytes, long launches, long controlBytes) {

    /** What has crossed since an earlier time. */
    public Transfers since(Transfers earlier) {
        return new Transfers(
                sent - earlier.sent,
                sentBytes - earlier.sentBytes,
                received - earlier.received,
                receivedBytes - earlier.receivedBytes,
                launches - earlier.launches,
                controlBytes - earlier.controlBytes);
    }

    /** By name, for a line of a metrics file. */
    public Map<String, Long> toMap() {
        var map = new LinkedHashMap<String, Long>();
        map.put("deviceSent", sent);
        map.put("deviceSentBytes", sentBytes);
        map.put("deviceReceived", received);
        map.put("deviceReceivedBytes", receivedBytes);
        map.put("deviceLaunches", launches);
        map.put("deviceControlBytes", controlBytes);
        return map;
    }

    /** Counts one direction. */
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
