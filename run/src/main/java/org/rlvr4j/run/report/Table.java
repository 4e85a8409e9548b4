package org.rlvr4j.run.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Table of texts. Columns of numbers are aligned to the right, the others to the left.
 *
 * @param caption caption of the table; may be empty
 * @param columns titles of the columns
 * @param rows    cells of each row, one for each column
 */
public record Table(String caption, List<String> columns, List<List<String>> rows) {

    /** @throws IllegalArgumentException if a row has more or fewer cells than there are columns */
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException("a row of table \"" + caption + "\" has " + row.size()
                        + " cells for " + columns.size() + " columns: " + row);
            }
        }
    }

    /**
     * Whether the table has rows, and every cell of the column begins like a number, is a dash or is empty.
     *
     * @param column column, from 0
     */
    public boolean isNumeric(int column) {
        return !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("[+\\-−±]?\\.?\\d.*|[-–—]?"));
    }

    /** The table as text for a console: caption, column titles, a rule, rows. */
    public String toText() {
        Stream<String> head = caption.isEmpty() ? Stream.of() : Stream.of(caption);
        List<String> rule = indices().mapToObj(i -> "-".repeat(width(i))).toList();
        return Stream.concat(head, lines(rule, "  "))
                .map(line -> line.stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    /** The table in Markdown, without its caption. */
    public String toMarkdown() {
        var escaped = new Table(
                caption, escape(columns), rows.stream().map(Table::escape).toList());
        List<String> rule = indices()
                .mapToObj(i -> "-".repeat(Math.max(2, escaped.width(i) - 1)) + (isNumeric(i) ? ":" : "-"))
                .toList();
        return escaped.lines(rule, " | ").map(line -> "| " + line + " |\n").collect(Collectors.joining());
    }

    private Stream<String> lines(List<String> rule, String gap) {
        return Stream.concat(Stream.of(columns, rule), rows.stream())
                .map(cells -> indices().mapToObj(i -> padded(cells.get(i), i)).collect(Collectors.joining(gap)));
    }

    private String padded(String cell, int column) {
        String space = " ".repeat(Math.max(0, width(column) - cell.length()));
        return isNumeric(column) ? space + cell : cell + space;
    }

    private int width(int column) {
        return Stream.concat(Stream.of(columns), rows.stream())
                .mapToInt(row -> row.get(column).length())
                .max()
                .orElse(0);
    }

    private IntStream indices() {
        return IntStream.range(0, columns.size());
    }

    private static List<String> escape(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).toList();
    }
}
