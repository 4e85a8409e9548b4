package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.reward.Rewards;

/**
 * Rescoring of an evaluation: its completions graded again, without its model.
 *
 * @param report  report with the new verdicts
 * @param changes one line of text for each verdict that has changed; by other verifiers, for each that is right now and was
 *                not, or the other way round
 */
public record Rescoring(EvalReport report, List<String> changes) {

    private static final List<Message> NO_PROMPT = List.of(new Message("user", "")); // no verifier here reads it

    /**
     * Grades the completions in the folder of an evaluation; the folder is not modified.
     *
     * @param folder   folder of a finished evaluation
     * @param verifier parts of the reward that judge every suite; null for those that the evaluation was judged by
     * @throws IllegalArgumentException     if the evaluation is not finished, or a verifier may need what the folder does not
     *                                      hold: columns of the problems, or tokens
     * @throws java.io.UncheckedIOException if the folder cannot be read
     */
    public static Rescoring of(Path folder, @Nullable List<RewardSetting> verifier) {
        EvalSettings written = EvalSettings.read(folder);
        EvalSettings settings = verifier == null ? written : written.judgedBy(verifier);
        var judges = new LinkedHashMap<String, Verifier>();
        settings.suites().keySet().forEach(suite -> judges.put(suite, judge(settings.verifier(suite), folder)));
        var changes = new ArrayList<String>();
        EvalReport report = EvalReport.read(
                folder,
                settings,
                line -> {
                    var problem = new Problem(line.problem(), line.suite(), NO_PROMPT, line.accepted());
                    Verdict verdict = judges.getOrDefault(line.suite(), new Grader())
                            .verify(problem, new Answer(line.response(), new int[line.length()], line.truncated()));
                    boolean isChanged =
                            verifier == null ? !verdict.equals(line.verdict()) : verdict.correct() != line.correct();
                    if (isChanged) {
                        changes.add(line.problem() + ", sample " + line.sample() + " at temperature "
                                + line.temperature() + ": was " + line.stage() + ", is " + verdict.stage());
                    }
                    return verdict;
                },
                voters(judges));
        return new Rescoring(report, List.copyOf(changes));
    }

    /** The verifiers whose answers vote, by the suite. */
    private static Map<String, Verifier> voters(Map<String, Verifier> judges) {
        var voters = new LinkedHashMap<String, Verifier>();
        judges.forEach((suite, judge) -> voters.put(suite, judge.forSource(suite)));
        return voters;
    }

    private static Verifier judge(@Nullable List<RewardSetting> parts, Path folder) {
        if (parts != null && !parts.stream().allMatch(Rescoring::judgesTextAlone)) {
            throw new IllegalArgumentException(
                    folder + " cannot be graded again, as its verifiers may need what is not in it: "
                            + Configs.write(parts) + "; evaluate again with another --output");
        }
        return Rewards.of(parts, ClassLoader.getPlatformClassLoader()).verifier();
    }

    /** Whether a part looks at the response and the accepted answers, and at nothing else. */
    private static boolean judgesTextAlone(RewardSetting part) {
        return part.sources().isEmpty()
                && switch (part.kind().getValue()) {
                    case RewardSetting.Boxed _,
                            RewardSetting.LastNumber _,
                            RewardSetting.StrictMatch _,
                            RewardSetting.FlexibleExtract _,
                            RewardSetting.Choice _,
                            RewardSetting.Exact _,
                            RewardSetting.Regex _,
                            RewardSetting.Format _ -> true;
                    default -> false;
                };
    }
}
