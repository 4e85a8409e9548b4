package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Require;

/**
 * Setting of one part of a reward: exactly one of the kinds, and what is common to all kinds. See
 * {@link org.rlvr4j.eval.reward} for the kinds' exact meaning.
 *
 * @param boxed      the last box, judged by the mathematics grader
 * @param number     the last number, or the one after {@code ####}
 * @param strictMatch the number after {@code ####} as lm-evaluation-harness finds and compares it
 * @param flexibleExtract the last number as lm-evaluation-harness finds and compares it
 * @param choice     a letter
 * @param exact      the whole response
 * @param regex      what a regular expression finds
 * @param countdown  a calculation that reaches a target with given numbers
 * @param json       JSON, by a schema if there is one
 * @param format     whether a regular expression matches the whole response
 * @param length     penalty for many tokens
 * @param repetition penalty for repeated words
 * @param java       a verifier in a Java source file, which is compiled
 * @param className  a verifier on the class path, {@code class} in YAML
 * @param name       name of the part in logs and charts; null for the kind's, or the class's
 * @param weight     factor of the part in the sum
 * @param accuracy   whether this part says what counts as right, and which answer votes; null to leave that to the first
 *                   part that can
 * @param sources    data sets ({@code data_source} of a problem) that the part applies to; empty for all
 * @param right      value of a right answer, if the part judges by right and wrong
 * @param wrong      value of a wrong answer
 * @param unanswered value of a response without an answer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RewardSetting(
        @Nullable Boxed boxed,
        @Nullable LastNumber number,
        @JsonProperty("strict-match") @Nullable StrictMatch strictMatch,
        @JsonProperty("flexible-extract") @Nullable FlexibleExtract flexibleExtract,
        @Nullable Choice choice,
        @Nullable Exact exact,
        @Nullable Regex regex,
        @Nullable Countdown countdown,
        @Nullable Json json,
        @Nullable Format format,
        @Nullable Length length,
        @Nullable Repetition repetition,
        @Nullable Java java,
        @JsonProperty("class") @Nullable ClassName className,
        @Nullable String name,
        double weight,
        @Nullable Boolean accuracy,
        List<String> sources,
        double right,
        double wrong,
        double unanswered) {

    /** Names of the kinds in YAML. */
    static final List<String> KINDS = List.of(
            "boxed",
            "number",
            "strict-match",
            "flexible-extract",
            "choice",
            "exact",
            "regex",
            "countdown",
            "json",
            "format",
            "length",
            "repetition",
            "java",
            "class");

    private static Map<String, Kind> kinds(@Nullable Kind... inOrder) {
        var kinds = new LinkedHashMap<String, Kind>();
        for (int i = 0; i < inOrder.length; i++) {
            Kind kind = inOrder[i];
            if (kind != null) {
                kinds.put(KINDS.get(i), kind);
            }
        }
        return kinds;
    }

    /** Names of the kinds that need no settings, and so can be given as a word. */
    static final List<String> WORDS = List.of(
            "boxed",
            "number",
            "strict-match",
            "flexible-extract",
            "choice",
            "exact",
            "countdown",
            "json",
            "repetition");

    /**
     * The name of the part's kind, with the kind's settings.
     *
     * @throws IllegalArgumentException if there is no kind, or more than one
     */
    public Map.Entry<String, Kind> kind() {
        Map<String, Kind> kinds = kinds(
                boxed,
                number,
                strictMatch,
                flexibleExtract,
                choice,
                exact,
                regex,
                countdown,
                json,
                format,
                length,
                repetition,
                java,
                className);
        Require.that(
                kinds.size() == 1,
                "a part of a reward has one of " + String.join(", ", KINDS) + ", not " + kinds.size());
        return kinds.entrySet().iterator().next();
    }

    /** Kind of a part, with its settings. */
    public sealed interface Kind {}

    /** Mathematics grader of the last box. */
    public record Boxed() implements Kind {}

    /**
     * Number, as for GSM8K.
     *
     * @param strict whether only a number after {@code ####} is an answer
     */
    public record LastNumber(boolean strict) implements Kind {}

    /** GSM8K's {@code strict-match} of lm-evaluation-harness. */
    public record StrictMatch() implements Kind {}

    /** GSM8K's {@code flexible-extract} of lm-evaluation-harness. */
    public record FlexibleExtract() implements Kind {}

    /** Letter of a multiple choice. */
    public record Choice() implements Kind {}

    /**
     * Exact text.
     *
     * @param ignoreCase whether letters of either case are the same
     */
    public record Exact(boolean ignoreCase) implements Kind {}

    /**
     * Answer that a regular expression finds.
     *
     * @param pattern expression in RE2's syntax, whose first group is the answer
     */
    public record Regex(String pattern) implements Kind {}

    /** Countdown. */
    public record Countdown() implements Kind {}

    /**
     * JSON.
     *
     * @param schema file of a JSON Schema; null if any JSON will do
     */
    public record Json(@Nullable Path schema) implements Kind {}

    /**
     * Format of the whole response.
     *
     * @param pattern expression in RE2's syntax
     */
    public record Format(String pattern) implements Kind {}

    /**
     * Penalty for length, from 0 to -1.
     *
     * @param from greatest number of tokens without a penalty
     * @param to   number of tokens with the whole penalty
     */
    public record Length(int from, int to) implements Kind {}

    /**
     * Penalty for repetition, from 0 to -1.
     *
     * @param words number of words in a run
     */
    public record Repetition(int words) implements Kind {}

    /**
     * Source file of a class that implements {@link org.rlvr4j.eval.Verifier}.
     *
     * @param file        source file, which is compiled when the run starts
     * @param onException value of a response on which it throws an exception; null to end the run
     * @param timeLimit   most seconds for one response; one that takes longer ends the run
     */
    public record Java(Path file, @Nullable Double onException, int timeLimit) implements Kind {

        public Java {
            Require.that(timeLimit > 0, "timeLimit must be positive, not " + timeLimit);
        }
    }

    /**
     * Class that implements {@link org.rlvr4j.eval.Verifier}, with a constructor without parameters.
     *
     * @param name        full name of the class
     * @param onException value of a response on which it throws an exception; null to end the run
     * @param timeLimit   most seconds for one response; one that takes longer ends the run
     */
    public record ClassName(String name, @Nullable Double onException, int timeLimit) implements Kind {

        public ClassName {
            Require.that(timeLimit > 0, "timeLimit must be positive, not " + timeLimit);
        }
    }
}
