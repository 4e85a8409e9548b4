package org.rlvr4j.tornado.places;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Set of indexes, kept as the runs that it consists of. */
public final class Ranges {

    private final TreeMap<Long, Long> ends = new TreeMap<>(); // by where the run begins

    /** Indexes from {@code start} up to, but not including, {@code end}. */
    public record Range(long start, long end) {

        /** Number of indexes. */
        public long length() {
            return end - start;
        }

        /** Whether some index is in both. */
        public boolean overlaps(Range other) {
            return start < other.end && other.start < end;
        }
    }

    /** Number of indexes in ranges that do not overlap. */
    public static long length(Collection<Range> ranges) {
        return ranges.stream().mapToLong(Range::length).sum();
    }

    /** Puts indexes in. */
    public void add(long start, long end) {
        long from = start;
        long to = end;
        Map.Entry<Long, Long> run = ends.floorEntry(to);
        while (run != null && run.getValue() >= from) {
            from = Math.min(from, run.getKey());
            to = Math.max(to, run.getValue());
            ends.remove(run.getKey());
            run = ends.floorEntry(to);
        }
        if (from < to) {
            ends.put(from, to);
        }
    }

    /** Takes indexes out; returns those that were in. */
    public List<Range> remove(long start, long end) {
        List<Range> removed = new ArrayList<>();
        if (start >= end) {
            return removed;
        }
        Map.Entry<Long, Long> run = ends.lowerEntry(end);
        while (run != null && run.getValue() > start) {
            ends.remove(run.getKey());
            if (run.getKey() < start) {
                ends.put(run.getKey(), start);
            }
            if (run.getValue() > end) {
                ends.put(end, run.getValue());
            }
            removed.addFirst(new Range(Math.max(run.getKey(), start), Math.min(run.getValue(), end)));
            run = run.getKey() < start ? null : ends.lowerEntry(run.getKey());
        }
        return removed;
    }

    /** Whether any of these indexes is in. */
    public boolean intersects(long start, long end) {
        Map.Entry<Long, Long> run = ends.lowerEntry(end);
        return run != null && run.getValue() > start;
    }

    /** Takes out the first run of so many indexes; returns where it begins, or -1 if there is none. */
    public long take(long length) {
        for (Map.Entry<Long, Long> run : ends.entrySet()) {
            long start = run.getKey();
            if (run.getValue() - start >= length) {
                remove(start, start + length);
                return start;
            }
        }
        return -1;
    }

    /** Length of the longest run. */
    public long longest() {
        return ends.entrySet().stream()
                .mapToLong(run -> run.getValue() - run.getKey())
                .max()
                .orElse(0);
    }

    /** How many indexes there are. */
    public long size() {
        return ends.entrySet().stream()
                .mapToLong(run -> run.getValue() - run.getKey())
                .sum();
    }
}
