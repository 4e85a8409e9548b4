package org.rlvr4j.bench;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.model.ModelConfig;

/**
 * Task of sums such as {@code 27+18+45=}, character by character; task and model are those of
 * {@code bench/peers/grpo_trl.py}.
 */
final class TinyTask {

    static final int PROMPTS = 32;
    static final int GROUP = 16;
    static final int UPDATES = 4;
    static final int NEW_TOKENS = 32;
    static final int MICRO_BATCH_TOKENS = 1024; // activations stay in the caches

    private static final String CHARACTERS = "0123456789+-*=() ?;.abcdefghijklmnopqrstuvwxyz{}\\<|>";
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int SPECIAL = 3; // padding, which is not used here, begin and end
    private static final int PROBLEMS = 512;

    /** Model with hidden size 128 and 4 layers. */
    static final ModelConfig CONFIG = new ModelConfig(
            ModelConfig.Family.QWEN2, 128, 384, 4, 4, 2, 32, 1e-6, 10_000, 64, true, 128, List.of(END), BEGIN, 0);

    /** Conversation in which each character is a token. */
    static final Conversation CONVERSATION = new Conversation() {
        @Override
        public int[] prompt(Problem problem) {
            return encode(problem);
        }

        @Override
        public String text(int[] tokens) {
            return decode(tokens);
        }
    };

    private TinyTask() {}

    static List<Problem> problems() {
        var random = new SplittableRandom(1234);
        return IntStream.range(0, PROBLEMS).mapToObj(i -> problem(i, random)).toList();
    }

    private static Problem problem(int id, SplittableRandom random) {
        int[] terms = random.ints(3, 2, 50).toArray();
        String question = terms[0] + "+" + terms[1] + "+" + terms[2] + "=";
        String answer = String.valueOf(terms[0] + terms[1] + terms[2]);
        return new Problem(String.valueOf(id), "sums", List.of(new Message("user", question)), List.of(answer));
    }

    private static int[] encode(Problem problem) {
        String question = problem.prompt().getFirst().content();
        return IntStream.concat(IntStream.of(BEGIN), question.chars().map(c -> SPECIAL + CHARACTERS.indexOf(c)))
                .toArray();
    }

    private static String decode(int[] tokens) {
        var text = new StringBuilder();
        for (int token : tokens) {
            int character = token - SPECIAL;
            if (character >= 0 && character < CHARACTERS.length()) {
                text.append(CHARACTERS.charAt(character));
            }
        }
        return text.toString();
    }
}
