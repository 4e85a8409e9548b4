package org.rlvr4j.run.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run or an ablation has to show.
 *
 * @param intro   paragraphs, separated by blank lines
 * @param tables  the summary
 * @param panels  the curves; a method keeps its colour from panel to panel
 * @param details what the numbers came from: configuration, machine, commit
 */
public record Report(String title, String intro, List<Table> tables, List<Panel> panels, List<Detail> details) {

    public Report {
        tables = List.copyOf(tables);
        panels = List.copyOf(panels);
        details = List.copyOf(details);
    }

    /** The tables for a console. */
    public String toText() {
        return tables.stream().map(Table::toText).collect(Collectors.joining("\n"));
    }

    /** The page without its curves. */
    public String toMarkdown() {
        var page = new StringBuilder("# " + title + "\n\n" + intro.strip() + "\n");
        tables.forEach(table -> page.append("\n" + table.caption() + ":\n\n").append(table.toMarkdown()));
        details.forEach(detail -> page.append("\n## " + detail.title() + "\n\n")
                .append(detail.text().strip().indent(4)));
        return page.toString();
    }

    /**
     * One metric over steps.
     *
     * @param yLabel   what is measured, in which unit
     * @param logScale whether the vertical axis is logarithmic, as suits a metric of many magnitudes such as TCR
     */
    public record Panel(String title, String yLabel, boolean logScale, List<Series> series) {

        public Panel {
            series = List.copyOf(series);
        }
    }

    /** One method in one panel: its runs, which differ in nothing but the seed. */
    public record Series(String name, List<Run> runs) {

        public Series {
            runs = List.copyOf(runs);
        }

        /** Least, mean and greatest value over the runs at each step; values that are not finite do not count. */
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

    /** The values of one seed. */
    public record Run(long seed, List<Point> points) {

        public Run {
            points = List.copyOf(points);
        }

        /** A run whose values are those of steps 1, 2, and so on. */
        public static Run of(long seed, double... values) {
            var points = new ArrayList<Point>();
            for (double value : values) {
                points.add(new Point(points.size() + 1, value));
            }
            return new Run(seed, points);
        }
    }

    /** One value; NaN where there is none. */
    public record Point(long step, double value) {}

    /** Text shown as it is, folded away until asked for. */
    public record Detail(String title, String text) {}
}
