package org.rlvr4j.cli.screen;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.rlvr4j.rl.Group;
import org.rlvr4j.rl.Response;
import org.rlvr4j.rl.Trainer;

/** Samples of what the policy answers, as lines for the terminal. */
final class Samples {

    private static final String ELLIPSIS = " ... ";
    private static final int SHORTEST = 10; // characters of a text, however narrow the terminal is

    private Samples() {}

    /**
     * Two lines for each of the step's first problems: the problem, and below it the reward, the advantage and the text
     * of its first answer.
     *
     * @param problems number of problems
     * @param width    most characters of a line
     */
    static List<String> lines(Trainer.Step step, int problems, int width) {
        return step.groups().stream()
                .limit(problems)
                .flatMap(group -> lines(step, group, width))
                .toList();
    }

    private static Stream<String> lines(Trainer.Step step, Group group, int width) {
        Response response = group.responses().getFirst();
        String advantage = step.advantage(response).isPresent()
                ? String.format(
                        Locale.ROOT, "advantage %+.2f", step.advantage(response).getAsDouble())
                : "left out";
        String judged = String.format(Locale.ROOT, "  reward %+.2f, %s: ", response.reward(), advantage);
        String asked = "step " + step.metrics().step() + ": ";
        return Stream.of(
                asked + shortened(group.problem().prompt().getLast().content(), width - asked.length()),
                judged + shortened(response.text(), width - judged.length()));
    }

    /** The text on one line, without its middle if it is long: an answer's last words are its result. */
    static String shortened(String text, int width) {
        String line = text.strip().replaceAll("\\s+", " ");
        int most = Math.max(SHORTEST, width);
        if (line.length() <= most) {
            return line;
        }
        int kept = most - ELLIPSIS.length();
        return line.substring(0, kept - kept / 2) + ELLIPSIS + line.substring(line.length() - kept / 2);
    }
}
