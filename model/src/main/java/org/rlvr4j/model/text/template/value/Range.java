package org.rlvr4j.model.text.template.value;

import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's range: whole numbers from {@code start}, {@code step} apart, up to but without {@code stop}. */
public record Range(long start, long stop, long step) {

    private static final int MAX = 100_000; // as Jinja's sandbox

    public Range {
        if (step == 0) {
            throw new TemplateException("the step of a range must not be zero");
        }
    }

    public static Range limited(long start, long stop, long step) {
        var range = new Range(start, stop, step);
        if (range.length() > MAX) {
            throw new TemplateException("a range of more than " + MAX + " numbers");
        }
        return range;
    }

    int length() {
        if (step > 0 ? start >= stop : start <= stop) {
            return 0;
        }
        long length = Math.abs(stop - start) / Math.abs(step) + (Math.abs(stop - start) % Math.abs(step) == 0 ? 0 : 1);
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    long get(int i) {
        return start + i * step;
    }
}
