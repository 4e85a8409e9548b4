package org.rlvr4j.run;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.rl.Group;
import org.rlvr4j.rl.Response;
import org.rlvr4j.rl.Trainer;

/**
 * Samples of what the policy wrote, as lines of {@code samples.jsonl}: one per prompt.
 *
 * @param tokenizer tokenizer of the policy, which turns prompts back into text
 * @param prompts   number of prompts of each step, the first of the selected groups
 */
record Samples(Tokenizer tokenizer, int prompts) {

    /** Number of held-back problems of each suite whose answers are kept. */
    static final int PROBLEMS_PER_SUITE = 3;

    private static final int COMPLETIONS_PER_PROMPT = 4;

    /**
     * Answer to a held-back problem.
     *
     * @param suite   name of the suite
     * @param problem problem
     * @param graded  greedy completion with its verdict
     */
    record HeldBack(String suite, Problem problem, Graded graded) {}

    /** One line for each of the step's first selected groups, with the first completions of the group. */
    List<Map<String, Object>> of(Trainer.Step step) {
        var lines = new ArrayList<Map<String, Object>>();
        List<Group> selected = step.rollout().selected();
        for (Group group : selected.subList(0, Math.min(prompts, selected.size()))) {
            var completions = new ArrayList<Map<String, Object>>();
            for (Response response : group.responses()
                    .subList(
                            0,
                            Math.min(COMPLETIONS_PER_PROMPT, group.responses().size()))) {
                completions.add(completion(response, step.advantage(response)));
            }
            var line = new LinkedHashMap<String, Object>();
            line.put("step", step.metrics().step());
            putProblem(line, group.problem(), group.responses().getFirst().graded());
            line.put("completions", completions);
            lines.add(line);
        }
        return lines;
    }

    /**
     * One line for each answer to a held-back problem.
     *
     * @param step number of steps made before the evaluation
     */
    List<Map<String, Object>> of(int step, List<HeldBack> answers) {
        var lines = new ArrayList<Map<String, Object>>();
        for (HeldBack answer : answers) {
            var line = new LinkedHashMap<String, Object>();
            line.put("evaluation", true);
            line.put("step", step);
            line.put("suite", answer.suite());
            putProblem(line, answer.problem(), answer.graded());
            line.put("completions", List.of(completion(answer.graded(), Map.of())));
            lines.add(line);
        }
        return lines;
    }

    private void putProblem(Map<String, Object> line, Problem problem, Graded any) {
        line.put("problem", encodable(problem.key()));
        line.put("prompt", encodable(tokenizer.decode(any.completion().prompt().tokens(), false)));
        line.put("answers", problem.answers().stream().map(Samples::encodable).toList());
    }

    /** A response; one that nothing was learned from has no advantage. */
    private static Map<String, Object> completion(Response response, OptionalDouble advantage) {
        Map<String, Object> map = completion(response.graded(), Map.of("reward", response.reward()));
        advantage.ifPresent(value -> map.put("advantage", value));
        return map;
    }

    private static Map<String, Object> completion(Graded graded, Map<String, Object> rewards) {
        var map = new LinkedHashMap<String, Object>();
        map.put("text", encodable(graded.response()));
        map.put("tokens", graded.completion().length());
        map.put("truncated", graded.completion().isTruncated());
        map.putAll(rewards);
        if (!graded.verdict().parts().isEmpty()) {
            map.put("parts", graded.verdict().parts());
        }
        map.put("correct", graded.verdict().correct());
        graded.verdict().answer().ifPresent(answer -> map.put("answer", encodable(answer)));
        return map;
    }

    /** The text with a question mark for each half of a character, which UTF-8 cannot hold. */
    private static String encodable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
