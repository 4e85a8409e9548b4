package org.rlvr4j.run.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Axis of a chart between two values, with ticks at round numbers.
 *
 * @param low   value at the beginning of the axis
 * @param high  value at the end of the axis
 * @param log   whether the axis is logarithmic: equal ratios, instead of equal differences, have equal lengths
 * @param ticks values with a tick, in ascending order
 */
record Axis(double low, double high, boolean log, List<BigDecimal> ticks) {

    private static final double ROUNDING = 1e-9; // lets 3 * 0.1 count as 0.3

    /**
     * A linear axis from the tick below the smallest value, or 0 if that is close, to the tick above the largest
     * value.
     */
    static Axis linear(double min, double max) {
        double bottom = min >= 0 && min < (max - min) / 2 ? 0 : min;
        double range = max > bottom ? max - bottom : Math.max(Math.abs(max), 1) / 10;
        BigDecimal step = roundedUp(range / 6);
        long first = (long) Math.floor(bottom / step.doubleValue() + ROUNDING);
        long last = Math.max(first + 1, (long) Math.ceil(max / step.doubleValue() - ROUNDING));
        List<BigDecimal> ticks = multiples(step, first, last);
        return new Axis(ticks.getFirst().doubleValue(), ticks.getLast().doubleValue(), false, ticks);
    }

    /**
     * A logarithmic axis for positive values, with ticks at powers of ten, and at 2 and 5 between them if these are
     * few.
     */
    static Axis logarithmic(double min, double max) {
        int first = (int) Math.floor(Math.log10(min) + ROUNDING);
        int last = Math.max(first + 1, (int) Math.ceil(Math.log10(max) - ROUNDING));
        List<Integer> digits = max / min <= 100 ? List.of(1, 2, 5) : List.of(1);
        int stride = Math.ceilDiv(last - first, 6);
        var ticks = new ArrayList<BigDecimal>();
        for (int exponent = first; exponent < last + stride; exponent += stride) {
            for (int digit : digits) {
                ticks.add(BigDecimal.valueOf(digit).scaleByPowerOfTen(exponent));
            }
        }
        while (ticks.get(1).doubleValue() <= min) {
            ticks.removeFirst();
        }
        while (ticks.get(ticks.size() - 2).doubleValue() >= max && ticks.size() > 2) {
            ticks.removeLast();
        }
        return new Axis(ticks.getFirst().doubleValue(), ticks.getLast().doubleValue(), true, ticks);
    }

    /** A linear axis from the first to the last step, with ticks at whole numbers. */
    static Axis ofSteps(long first, long last) {
        BigDecimal step = roundedUp(Math.max(1, (last - first) / 6.0));
        long size = step.longValueExact();
        return new Axis(first, last, false, multiples(step, Math.ceilDiv(first, size), Math.floorDiv(last, size)));
    }

    /**
     * Position of a value on the axis, from 0 to 1; a value outside, such as 0 on a logarithmic axis, is moved to its
     * end.
     */
    double position(double value) {
        if (high == low) {
            return 0.5;
        }
        double position = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return Math.clamp(position, 0, 1);
    }

    /** Short label of a tick, such as {@code 0.25}, {@code 12k} or {@code 5e-4}. */
    static String label(BigDecimal tick) {
        double size = Math.abs(tick.doubleValue());
        if (size >= 1e4) {
            return tick.movePointLeft(size < 1e6 ? 3 : 6).stripTrailingZeros().toPlainString()
                    + (size < 1e6 ? "k" : "M");
        }
        if (size == 0 || size >= 1e-3) {
            return size == 0 ? "0" : tick.toPlainString();
        }
        int exponent = tick.precision() - tick.scale() - 1;
        return tick.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }

    private static List<BigDecimal> multiples(BigDecimal step, long first, long last) {
        var multiples = new ArrayList<BigDecimal>();
        for (long i = first; i <= last; i++) {
            multiples.add(step.multiply(BigDecimal.valueOf(i)));
        }
        return multiples;
    }

    /** The smallest number of the form 1, 2 or 5 times a power of ten that is not below a positive value. */
    private static BigDecimal roundedUp(double value) {
        int exponent = (int) Math.floor(Math.log10(value));
        BigDecimal rounded = BigDecimal.ONE;
        for (int digit : new int[] {1, 2, 5, 10}) {
            rounded = BigDecimal.valueOf(digit).scaleByPowerOfTen(exponent);
            if (rounded.doubleValue() >= value * (1 - ROUNDING)) {
                break;
            }
        }
        return rounded.stripTrailingZeros();
    }
}
