package org.rlvr4j.run.reward;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Columns;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.eval.reward.ChoiceVerifier;
import org.rlvr4j.eval.reward.CountdownVerifier;
import org.rlvr4j.eval.reward.ExactVerifier;
import org.rlvr4j.eval.reward.FormatVerifier;
import org.rlvr4j.eval.reward.HarnessVerifier;
import org.rlvr4j.eval.reward.HarnessVerifier.Filter;
import org.rlvr4j.eval.reward.JsonVerifier;
import org.rlvr4j.eval.reward.LengthPenalty;
import org.rlvr4j.eval.reward.NumberVerifier;
import org.rlvr4j.eval.reward.Part;
import org.rlvr4j.eval.reward.RegexVerifier;
import org.rlvr4j.eval.reward.RepetitionPenalty;
import org.rlvr4j.eval.reward.Rubric;
import org.rlvr4j.eval.reward.Values;
import org.rlvr4j.eval.reward.Watched;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.reward.WeightedParts;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.files.Sha256;

/**
 * Rewards of a training: who judges the answers, and what the verdicts are worth.
 *
 * @param verifier judge of the answers
 * @param weighted weighted sum of the verdicts' parts; empty if each method has a reward of its own
 * @param columns  columns of the problems that the judge may look at
 * @param digest   SHA-256 of the code and the schemas that judge, beside what the configuration says; empty if there are none
 */
public record Rewards(Verifier verifier, Optional<WeightedParts> weighted, Columns columns, String digest) {

    /** The mathematics grader, with each method's own reward. */
    public static final Rewards OF_METHODS = new Rewards(new Grader(), Optional.empty(), Columns.VERL, "");

    private static final int TIME_LIMIT = 60; // seconds, as in the defaults of a configuration

    /**
     * The rewards of a configuration.
     *
     * @param settings parts of the reward; null for those of the methods
     * @param loader   loader of the classes that are named
     * @throws IllegalArgumentException     if a part cannot be made; the message names it
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static Rewards of(@Nullable List<RewardSetting> settings, ClassLoader loader) {
        if (settings == null) {
            return OF_METHODS;
        }
        var parts = new ArrayList<Part>();
        var content = new StringBuilder();
        for (int i = 0; i < settings.size(); i++) {
            RewardSetting setting = settings.get(i);
            parts.add(Configs.named("reward." + i, () -> part(setting, loader, content)));
        }
        var rubric = new Rubric(parts);
        return new Rewards(
                rubric,
                Optional.of(new WeightedParts(rubric.weights())),
                settings.stream().anyMatch(Rewards::looksAtColumns) ? Columns.ALL : Columns.VERL,
                content.isEmpty() ? "" : Sha256.of(content.toString()));
    }

    /**
     * A program's own verifier as the only part of the reward: 1 for a right answer and otherwise 0, or its numbers.
     *
     * @param name     name of the reward in logs
     * @param verifier judge of the answers
     */
    public static Rewards of(String name, Verifier verifier) {
        var rubric =
                new Rubric(List.of(Part.of(name, new Watched(name, verifier, Duration.ofSeconds(TIME_LIMIT), null))));
        return new Rewards(
                rubric,
                Optional.of(new WeightedParts(rubric.weights())),
                Columns.ALL,
                Sha256.of(verifier.getClass().getName()));
    }

    /**
     * The method with this reward.
     *
     * @param method method with a reward of its own
     */
    public Method appliedTo(Method method) {
        return weighted.map(method::with).orElse(method);
    }

    /**
     * Checks that answers to all problems can be judged.
     *
     * @param problems problems of the training or evaluation
     * @throws IllegalArgumentException if those of one cannot; the message names the problem
     */
    public void check(Collection<Problem> problems) {
        problems.forEach(verifier::check);
    }

    private static boolean looksAtColumns(RewardSetting setting) {
        return switch (setting.kind().getValue()) {
            case RewardSetting.Java _, RewardSetting.ClassName _, RewardSetting.Countdown _ -> true;
            default -> false;
        };
    }

    private static Part part(RewardSetting setting, ClassLoader loader, StringBuilder content) {
        String kind = setting.kind().getKey();
        return switch (setting.kind().getValue()) {
            case RewardSetting.Boxed _ -> judge(setting, kind, new Grader());
            case RewardSetting.LastNumber(boolean strict) -> judge(setting, kind, new NumberVerifier(strict));
            case RewardSetting.StrictMatch _ -> judge(setting, kind, new HarnessVerifier(Filter.STRICT_MATCH));
            case RewardSetting.FlexibleExtract _ -> judge(setting, kind, new HarnessVerifier(Filter.FLEXIBLE_EXTRACT));
            case RewardSetting.Choice _ -> judge(setting, kind, new ChoiceVerifier());
            case RewardSetting.Exact(boolean ignoreCase) -> judge(setting, kind, new ExactVerifier(ignoreCase));
            case RewardSetting.Regex(String pattern) ->
                judge(setting, kind, new RegexVerifier(RegexVerifier.compile(pattern)));
            case RewardSetting.Countdown _ -> judge(setting, kind, new CountdownVerifier());
            case RewardSetting.Json(@Nullable Path schema) ->
                judge(setting, kind, new JsonVerifier(schema == null ? null : text(schema, content)));
            case RewardSetting.Format(String pattern) ->
                judge(setting, kind, new FormatVerifier(RegexVerifier.compile(pattern)));
            case RewardSetting.Length(int from, int to) -> part(setting, kind, new LengthPenalty(from, to), false);
            case RewardSetting.Repetition(int words) -> part(setting, kind, new RepetitionPenalty(words), false);
            case RewardSetting.Java(Path file, @Nullable Double onException, int timeLimit) -> {
                String _ = text(file, content);
                yield own(setting, new SourceFile(file).load(loader), onException, timeLimit);
            }
            case RewardSetting.ClassName(String name, @Nullable Double onException, int timeLimit) ->
                own(setting, load(name, loader, content), onException, timeLimit);
        };
    }

    private static Part judge(RewardSetting setting, String name, Verifier verifier) {
        return part(setting, name, verifier, true);
    }

    private static Part own(
            RewardSetting setting, Class<? extends Verifier> type, @Nullable Double onException, int timeLimit) {
        String name = type.getSimpleName();
        return judge(setting, name, new Watched(name, instance(type), Duration.ofSeconds(timeLimit), onException));
    }

    private static Part part(RewardSetting setting, String name, Verifier verifier, boolean judges) {
        return new Part(
                setting.name() == null ? name : setting.name(),
                verifier,
                setting.weight(),
                new Values(setting.right(), setting.wrong(), setting.unanswered()),
                judges,
                setting.accuracy(),
                setting.sources());
    }

    private static Class<? extends Verifier> load(String name, ClassLoader loader, StringBuilder content) {
        try (InputStream in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
            Class<?> type = Class.forName(name, true, loader);
            if (!Verifier.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException(
                        "the class " + name + " does not implement " + Verifier.class.getName());
            }
            if (in != null) {
                content.append(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
            }
            return type.asSubclass(Verifier.class);
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalArgumentException(
                    "there is no class " + name + " on the class path; name its jar or folder by --classpath", e);
        } catch (IOException e) {
            throw FileFailure.of("cannot read the class " + name, e);
        }
    }

    private static Verifier instance(Class<? extends Verifier> type) {
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("the class " + type.getName() + " cannot be made: " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    "the class " + type.getName() + " needs a constructor without parameters", e);
        }
    }

    private static String text(Path file, StringBuilder content) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        try {
            String text = Files.readString(file);
            content.append(text);
            return text;
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }
}
