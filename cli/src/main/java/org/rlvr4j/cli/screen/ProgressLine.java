package org.rlvr4j.cli.screen;

import java.util.List;

/**
 * Line of progress that fits a width: what matters less gives way to what matters more, and the time comes last.
 *
 * @param label label of the work
 * @param share finished share of the work, from 0 to 1
 * @param count finished and all units, such as {@code 5/20}
 * @param note  note, whose parts are two spaces apart
 * @param time  elapsed time, and the time that is left
 */
record ProgressLine(String label, double share, String count, String note, String time) {

    private static final String GAP = "  ";
    private static final int LONGEST_BAR = 40;
    private static final int SHORTEST_BAR = 6;
    private static final String ELLIPSIS = "...";

    /** The line without a bar, in whatever width it takes. */
    String plain() {
        return join(label, "", note);
    }

    /**
     * The line in a width: the bar takes what the rest leaves, and is left out if that is little. If the rest does not
     * fit, the note loses its last parts, and then the label its end.
     *
     * @param width  most characters
     * @param blocks whether the bar may be of Unicode's blocks
     */
    String fitted(int width, boolean blocks) {
        String shownNote = note;
        while (!shownNote.isEmpty() && join(label, "", shownNote).length() > width) {
            shownNote = shownNote.substring(0, Math.max(0, shownNote.lastIndexOf(GAP)));
        }
        int room = width - join(label, "", shownNote).length();
        if (room < 0) {
            int kept = label.length() + room - ELLIPSIS.length();
            String shownLabel = kept > 0 ? label.substring(0, kept) + ELLIPSIS : "";
            String line = join(shownLabel, "", "");
            return line.length() <= width ? line : time.substring(Math.max(0, time.length() - width));
        }
        int bar = Math.min(LONGEST_BAR, room - GAP.length());
        return join(label, bar < SHORTEST_BAR ? "" : bar(bar, blocks), shownNote);
    }

    private String bar(int length, boolean blocks) {
        int filled = (int) (share * length);
        return (blocks ? "█" : "#").repeat(filled) + (blocks ? "░" : ".").repeat(length - filled);
    }

    private String join(String shownLabel, String bar, String shownNote) {
        return String.join(
                GAP,
                List.of(shownLabel, bar, count, shownNote, time).stream()
                        .filter(part -> !part.isEmpty())
                        .toList());
    }
}
