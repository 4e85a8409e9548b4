package org.rlvr4j.run.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Report of a training or an evaluation: text, tables and curves.
 *
 * @param title   title of the page
 * @param intro   introduction: paragraphs separated by blank lines
 * @param tables  summary tables
 * @param panels  panels of curves; a method has the same colour in all panels
 * @param details origin of the numbers: configuration, machine, commit
 */
public record Report(String title, String intro, List<Table> tables, List<Panel> panels, List<Detail> details) {

    public Report {
        tables = List.copyOf(tables);
        panels = List.copyOf(panels);
        details = List.copyOf(details);
    }

    /** The tables as text for a console. */
    public String toText() {
        return tables.stream().map(Table::toText).collect(Collectors.joining("\n"));
    }

    /** The report in Markdown, without curves. */
    public String toMarkdown() {
        var page = new StringBuilder("# " + title + "\n\n" + intro.strip() + "\n");
        tables.forEach(table -> page.append("\n" + table.caption() + ":\n\n").append(table.toMarkdown()));
        details.forEach(detail -> page.append("\n## " + detail.title() + "\n\n")
                .append(detail.text().strip().indent(4)));
        return page.toString();
    }

    /**
     * Panel of a report: the curves of one metric over steps.
     *
     * @param title    name of the metric
     * @param yLabel   measured quantity with its unit
     * @param logScale whether the vertical axis is logarithmic, which suits a metric of many magnitudes such as TCR
     * @param series   one series for each method
     */
    public record Panel(String title, String yLabel, boolean logScale, List<Series> series) {

        public Panel {
            series = List.copyOf(series);
        }
    }

    /**
     * Series of a panel: one method, with its runs, which differ in their seeds only.
     *
     * @param name name of the method
     * @param runs runs of the method
     */
    public record Series(String name, List<Run> runs) {

        public Series {
            runs = List.copyOf(runs);
        }

        /** Smallest, mean and largest value over the runs, by step; values that are not finite are ignored. */
        NavigableMap<Long, DoubleSummaryStatistics> byStep() {
            var values = new TreeMap<Long, DoubleSummaryStatistics>();
            for (Run run : runs) {
                for (Point point : run.points()) {
                    if (Double.isFinite(point.value())) {
                        values.computeIfAbsent(point.step(), _ -> new DoubleSummaryStatistics())
                                .accept(point.value());
                    }
                }
            }
            return values;
        }
    }

    /**
     * Run in a series: the values of one seed.
     *
     * @param seed   seed of the run
     * @param points values by step
     */
    public record Run(long seed, List<Point> points) {

        public Run {
            points = List.copyOf(points);
        }

        /**
         * A run with the values of steps 1, 2 and so on.
         *
         * @param seed   seed of the run
         * @param values value of each step
         */
        public static Run of(long seed, double... values) {
            var points = new ArrayList<Point>();
            for (double value : values) {
                points.add(new Point(points.size() + 1, value));
            }
            return new Run(seed, points);
        }
    }

    /**
     * Point of a curve.
     *
     * @param step  number of the step
     * @param value value of the metric after the step; NaN if there is none
     */
    public record Point(long step, double value) {}

    /**
     * Detail of a report: preformatted text, which is folded on the HTML page until it is opened.
     *
     * @param title title, which is always shown
     * @param text  text, which is shown unchanged
     */
    public record Detail(String title, String text) {}
}
