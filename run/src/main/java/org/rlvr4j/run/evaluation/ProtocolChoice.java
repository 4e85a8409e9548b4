package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Example;
import org.rlvr4j.data.Examples;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Protocol.Form;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.evaluation.Published.QuestionAndAnswer;

/**
 * Choice of a protocol: what is asked for in place of the suites' published protocols.
 *
 * @param verifier parts of the reward, one of which says what is right; null for each suite's own
 * @param form     form of the prompts; null for each suite's own
 * @param suffix   text after each question, in place of the text that a suite puts around it; null for each suite's own
 * @param fewShot  examples before each problem; null for none
 */
public record ProtocolChoice(
        @Nullable List<RewardSetting> verifier,
        @Nullable Form form,
        @Nullable String suffix,
        @Nullable FewShot fewShot) {

    /** Each suite's own protocol. */
    public static final ProtocolChoice OF_SUITES = new ProtocolChoice(null, null, null, null);

    /**
     * Examples: the first of a file.
     *
     * @param file  file of questions with answers, in a layout of supervised learning
     * @param count number of examples
     */
    public record FewShot(Path file, int count) {

        /**
         * Reads a text such as {@code train.jsonl:5}.
         *
         * @param text name of a file, a colon and a number
         * @throws IllegalArgumentException if it is not of that form
         */
        public static FewShot parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 1 || !text.substring(colon + 1).matches("[1-9]\\d{0,3}")) {
                throw new IllegalArgumentException(
                        "--few-shot must be a file and a number of examples, such as train.jsonl:5, not " + text);
            }
            return new FewShot(Path.of(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        }

        private List<Protocol.Example> load() {
            List<Example> all = Examples.load(file);
            if (all.size() < count) {
                throw new IllegalArgumentException(
                        "--few-shot asks for " + count + " examples, but " + file + " has " + all.size());
            }
            return all.subList(0, count).stream().map(FewShot::example).toList();
        }

        private static Protocol.Example example(Example example) {
            return switch (example) {
                case Example.Plain(String _, String prompt, String completion) ->
                    new Protocol.Example(prompt, completion);
                case Example.Chat chat -> {
                    var contents = new ArrayList<String>();
                    for (String role : List.of("user", "assistant")) {
                        Map<String, Object> turn =
                                chat.messages().size() == 2 ? chat.messages().get(contents.size()) : Map.of();
                        if (!role.equals(turn.get("role")) || !(turn.get("content") instanceof String content)) {
                            throw new IllegalArgumentException(chat.place()
                                    + ": an example of --few-shot is a user's turn and the assistant's answer");
                        }
                        contents.add(content);
                    }
                    yield new Protocol.Example(contents.getFirst(), contents.getLast());
                }
            };
        }
    }

    /** The examples before each problem. */
    List<Protocol.Example> examples() {
        return fewShot == null ? List.of() : fewShot.load();
    }

    /**
     * The protocol of a suite.
     *
     * @param own      the suite's own protocol
     * @param examples examples before each problem
     */
    Protocol applied(Protocol own, List<Protocol.Example> examples) {
        Form chosen = form == null ? own.form() : form;
        String before = suffix == null ? own.before() : "";
        String after = suffix == null ? own.after() : suffix;
        if (chosen == Form.TEXT) {
            boolean isFramed = suffix == null && !own.after().isEmpty();
            before = QuestionAndAnswer.BEFORE;
            after = isFramed ? after : after + QuestionAndAnswer.AFTER;
        }
        return new Protocol(chosen, before, after, examples, chosen == Form.TEXT ? QuestionAndAnswer.ENDS : own.ends());
    }

    /** @throws IllegalArgumentException if a problem is among the examples, whose answer is then in its prompt */
    static void requireOthers(Suite suite, List<Protocol.Example> examples) {
        for (Problem problem : suite.problems()) {
            String question = problem.prompt().getLast().content();
            if (examples.stream().anyMatch(example -> example.question().strip().equals(question.strip()))) {
                throw new IllegalArgumentException("problem " + problem.key()
                        + " is among the examples of --few-shot, so its answer would be in its prompt;"
                        + " take examples of another file, such as the training set's");
            }
        }
    }
}
