package org.rlvr4j.run.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Chart of one panel as SVG: for each series, the mean over its runs as a line and their range as a band. */
final class Chart {

    private static final int WIDTH = 420;
    private static final int HEIGHT = 240;
    private static final int LEFT = 46;
    private static final int RIGHT = 410;
    private static final int TOP = 8;
    private static final int BOTTOM = 206;

    private final Report.Panel panel;
    private final List<String> names;
    private final List<NavigableMap<Long, DoubleSummaryStatistics>> values;
    private final TreeSet<Long> steps = new TreeSet<>();
    private final Axis x;
    private final Axis y;

    /**
     * @param panel panel to draw
     * @param names names of all series of the report, in the order of their colours
     */
    Chart(Report.Panel panel, List<String> names) {
        this.panel = panel;
        this.names = names;
        values = panel.series().stream().map(Report.Series::byStep).toList();
        values.forEach(series -> steps.addAll(series.keySet()));
        x = steps.isEmpty() ? Axis.ofSteps(0, 1) : Axis.ofSteps(steps.first(), steps.last());
        y = vertical(values, panel.logScale());
    }

    private static Axis vertical(List<NavigableMap<Long, DoubleSummaryStatistics>> values, boolean log) {
        DoubleSummaryStatistics range = values.stream()
                .flatMap(series -> series.values().stream())
                .flatMap(runs -> List.of(runs.getMin(), runs.getAverage(), runs.getMax()).stream())
                .filter(value -> !log || value > 0)
                .collect(Collectors.summarizingDouble(value -> value));
        if (range.getCount() == 0) {
            return Axis.linear(0, 1);
        }
        return log ? Axis.logarithmic(range.getMin(), range.getMax()) : Axis.linear(range.getMin(), range.getMax());
    }

    /**
     * The chart as an {@code svg} element; its data attributes hold the values that the page's script shows at the
     * pointer.
     */
    String toSvg() {
        var svg = new StringBuilder();
        svg.append("""
            <svg viewBox="0 0 %s %s" role="img" aria-label="%s" data-left="%s" data-right="%s" data-steps="%s">
            """.formatted(WIDTH, HEIGHT, Html.escape(panel.title()), LEFT, RIGHT, joined(String::valueOf)));
        for (BigDecimal tick : y.ticks()) {
            String height = y(tick.doubleValue());
            svg.append("<path class=\"grid\" d=\"M%s %sH%s\"/>".formatted(LEFT, height, RIGHT));
            svg.append(text("left", LEFT - 6, height, Axis.label(tick)));
        }
        for (BigDecimal tick : x.ticks()) {
            svg.append(text("below", x(tick.longValue()), BOTTOM + 15, Axis.label(tick)));
        }
        svg.append(text("below", (LEFT + RIGHT) / 2, HEIGHT - 3, steps.isEmpty() ? "no data" : "step"));
        svg.append("<path class=\"cursor\" data-top=\"%s\" data-bottom=\"%s\"/>\n".formatted(TOP, BOTTOM));
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                svg.append(series(panel.series().get(i).name(), values.get(i)));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private String series(String name, NavigableMap<Long, DoubleSummaryStatistics> runs) {
        var mean = new ArrayList<String>();
        var band = new ArrayDeque<String>(); // outline: highest values backwards, then lowest values forwards
        runs.forEach((step, value) -> {
            mean.add(x(step) + " " + y(value.getAverage()));
            band.addFirst(x(step) + " " + y(value.getMax()));
            band.addLast(x(step) + " " + y(value.getMin()));
        });
        boolean isSingle = runs.values().stream().allMatch(value -> value.getCount() == 1);
        String means =
                joined(step -> runs.containsKey(step) ? rounded(runs.get(step).getAverage()) : "-");
        return """
            <g class="series s%s %s" data-name="%s" data-values="%s">
            %s<path class="line" d="M%s"/><circle cx="%s" cy="%s" r="2.5"/></g>
            """.formatted(
                        names.indexOf(name),
                        Html.style(names.indexOf(name)),
                        Html.escape(name),
                        means,
                        isSingle ? "" : "<path class=\"band\" d=\"M" + String.join("L", band) + "Z\"/>",
                        String.join("L", mean),
                        x(runs.lastKey()),
                        y(runs.lastEntry().getValue().getAverage()));
    }

    private String joined(Function<Long, String> text) {
        return steps.stream().map(text).collect(Collectors.joining(" "));
    }

    private static String text(String side, Object x, Object y, String text) {
        return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n".formatted(side, x, y, text);
    }

    private static String rounded(double value) {
        return Axis.label(new BigDecimal(value).round(new MathContext(3)));
    }

    private String x(long step) {
        return pixels(LEFT + x.position((double) step) * (RIGHT - LEFT));
    }

    private String y(double value) {
        return pixels(BOTTOM - y.position(value) * (BOTTOM - TOP));
    }

    private static String pixels(double length) {
        return String.valueOf(Math.round(length * 10) / 10.0);
    }
}
