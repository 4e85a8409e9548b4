package org.rlvr4j.run.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Report of a training or an evaluation: text and tables.
 *
 * @param title   title of the page
 * @param intro   introduction: paragraphs separated by blank lines
 * @param tables  summary tables
 * @param details origin of the numbers: configuration, machine, commit
 */
public record Report(String title, String intro, List<Table> tables, List<Detail> details) {

    public Report {
        tables = List.copyOf(tables);
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
     * Detail of a report: preformatted text, which is folded on the HTML page until it is opened.
     *
     * @param title title, which is always shown
     * @param text  text, which is shown unchanged
     */
    public record Detail(String title, String text) {}
}
