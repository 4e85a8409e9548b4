package org.rlvr4j.tornado.places;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Range of addresses on the host for all numbers of a device, of which only pages that were touched take memory.
 *
 * <p>On Linux and macOS it is mapped without being reserved. Elsewhere it is allocated as a whole.
 */
public final class HostRange implements AutoCloseable {

    /** Multiple of the size of a page on all systems, in bytes. */
    public static final long PAGES = 1 << 16;

    private static final int READ_AND_WRITE = 3;
    private static final int PRIVATE = 2;
    private static final int DO_NOT_NEED = 4;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private final boolean isMapped;

    /** @param bytes size of the range */
    public HostRange(long bytes) {
        isMapped = isLinux() || isMac();
        segment = isMapped ? mapped(bytes) : arena.allocate(bytes, PAGES);
    }

    private static boolean isLinux() {
        return System.getProperty("os.name").startsWith("Linux");
    }

    private static boolean isMac() {
        return System.getProperty("os.name").startsWith("Mac");
    }

    @SuppressWarnings("restricted") // tornado/jvm.options and cli/jvm.options allow native access
    private MemorySegment mapped(long bytes) {
        int anonymousNotReserved = isLinux() ? 0x20 | 0x4000 : 0x1000 | 0x40;
        MemorySegment start;
        try {
            start = (MemorySegment) C.MMAP.invokeExact(
                    MemorySegment.NULL, bytes, READ_AND_WRITE, PRIVATE | anonymousNotReserved, -1, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("mmap cannot be called", e);
        }
        if (start.address() == -1) {
            throw new IllegalStateException("the host has no range of addresses of " + bytes / 1_000_000
                    + " MB, as large as the device's memory: its limit of virtual memory (ulimit -v,"
                    + " vm.overcommit_memory) is too low");
        }
        return start.reinterpret(bytes, arena, HostRange::unmap);
    }

    private static void unmap(MemorySegment whole) {
        try {
            int _ = (int) C.MUNMAP.invokeExact(whole, whole.byteSize());
        } catch (Throwable e) {
            throw new IllegalStateException("munmap cannot be called", e);
        }
    }

    /** The whole range. */
    public MemorySegment segment() {
        return segment;
    }

    /** Gives the memory of all whole pages in a part back; their content is lost. */
    public void release(long offset, long bytes) {
        long start = (offset + PAGES - 1) / PAGES * PAGES;
        long end = (offset + bytes) / PAGES * PAGES;
        if (isMapped && start < end) {
            try {
                int _ = (int) C.MADVISE.invokeExact(segment.asSlice(start, end - start), end - start, DO_NOT_NEED);
            } catch (Throwable e) {
                throw new IllegalStateException("madvise cannot be called", e);
            }
        }
    }

    /** Sets a part to zero, without touching its pages where the system gives released pages back as zeros. */
    public boolean zeroCheaply(long offset, long bytes) {
        if (!isMapped || !isLinux()) {
            return false;
        }
        long start = Math.min((offset + PAGES - 1) / PAGES * PAGES, offset + bytes);
        long end = Math.max((offset + bytes) / PAGES * PAGES, start);
        segment.asSlice(offset, start - offset).fill((byte) 0);
        release(start, end - start);
        segment.asSlice(end, offset + bytes - end).fill((byte) 0);
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Functions of the C library. */
    private static final class C {

        static final MethodHandle MMAP = function(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        static final MethodHandle MUNMAP = function(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final MethodHandle MADVISE = function(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

        @SuppressWarnings("restricted")
        private static MethodHandle function(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
        }
    }
}
