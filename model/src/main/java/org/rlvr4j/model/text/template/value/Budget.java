package org.rlvr4j.model.text.template.value;

import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Bounds on the work and the memory of one rendering: steps are counted, so that every machine stops at the same one. */
public final class Budget {

    static final int MAX_STEPS = 250_000;

    /** Characters of any text, and items of any list. */
    public static final int MAX_SIZE = 1 << 22;

    private static final long MAX_TOTAL = 1L << 24; // characters and items of all together
    private static final int MAX_DEPTH = 800; // values and blocks within each other, through macros

    private static final ScopedValue<Budget> CURRENT = ScopedValue.newInstance();

    private int steps;
    private long total;
    private int depth;

    public static <T> T limited(java.util.function.Supplier<T> rendering) {
        return ScopedValue.where(CURRENT, new Budget()).call(rendering::get);
    }

    /** Counts one step. */
    public static void step() {
        Budget budget = CURRENT.get();
        if (++budget.steps > MAX_STEPS) {
            throw new TemplateException("it takes more than " + MAX_STEPS + " steps");
        }
    }

    /** Counts a text or a list that is about to be made. */
    public static void size(long size) {
        Budget budget = CURRENT.get();
        budget.total += size;
        if (size > MAX_SIZE || budget.total > MAX_TOTAL) {
            throw new TemplateException("its texts and lists become larger than " + MAX_SIZE);
        }
    }

    /** Counts a value within values, or a block within blocks, and a step; {@link #leave} ends it. */
    public static void enter() {
        Budget budget = CURRENT.get();
        step();
        if (++budget.depth > MAX_DEPTH) {
            throw new TemplateException("it is nested more than " + MAX_DEPTH + " deep");
        }
    }

    public static void leave() {
        CURRENT.get().depth--;
    }
}
