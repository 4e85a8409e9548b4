package org.rlvr4j.run.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;

/** Rewards of a configuration, and verifiers compiled from source files. */
class RewardsTest {

    private static final Problem PROBLEM =
            new Problem("1", "test", List.of(new Message("user", "6 * 7?")), List.of("42"));

    private static final String MULTIPLE_OF_FIVE = """
        import org.rlvr4j.data.Problem;
        import org.rlvr4j.eval.*;
        public class MyReward implements Verifier {
            public Verdict verify(Problem problem, Answer answer) { return Verdict.of(answer.text().endsWith("5")); }
        }
        """;

    @TempDir
    private Path folder;

    private Path source = Path.of("");

    @BeforeEach
    void nameTheSource() {
        source = folder.resolve("MyReward.java");
    }

    /** A verifier on the class path. */
    public static final class OnClassPath implements Verifier {

        @Override
        public Verdict verify(Problem problem, Answer answer) {
            return Verdict.of(answer.text().length() / 2.0);
        }
    }

    /** A verifier that needs what nobody gives it. */
    public static final class Needy implements Verifier {

        private final String need;

        public Needy(String need) {
            this.need = need;
        }

        @Override
        public Verdict verify(Problem problem, Answer answer) {
            return Verdict.of(need.isEmpty());
        }
    }

    @Test
    void sourceFileOfFiveLinesIsAReward() throws IOException {
        Rewards rewards = compiled(MULTIPLE_OF_FIVE);

        assertThat(verdict(rewards, "25").parts())
                .containsEntry("MyReward", 1.0)
                .hasSize(1);
        assertThat(verdict(rewards, "24").parts()).containsEntry("MyReward", 0.0);
        assertThat(verdict(rewards, "25").correct()).isTrue();
        assertThat(rewards.weighted().orElseThrow().of(verdict(rewards, "25"))).isEqualTo(1);
    }

    @Test
    void digestIsThatOfTheSource() throws IOException {
        String before = compiled(MULTIPLE_OF_FIVE).digest();

        assertThat(compiled(MULTIPLE_OF_FIVE).digest()).isEqualTo(before).hasSize(64);
        assertThat(compiled(MULTIPLE_OF_FIVE.replace("5", "6")).digest()).isNotEqualTo(before);
    }

    @Test
    void sourceFileWithPackageAndFurtherClassesIsAReward() throws IOException {
        Rewards rewards = compiled("""
            package com.acme;
            import org.rlvr4j.data.Problem;
            import org.rlvr4j.eval.*;
            interface Rule { boolean holds(String text); }
            class MyReward implements Verifier {
                private final Rule rule = new Rule() { public boolean holds(String text) { return text.isEmpty(); } };
                public Verdict verify(Problem problem, Answer answer) { return Verdict.of(rule.holds(answer.text())); }
            }
            """);

        assertThat(verdict(rewards, "").correct()).isTrue();
    }

    @Test
    void compileErrorNamesFileAndLine() throws IOException {
        Files.writeString(source, MULTIPLE_OF_FIVE.replace("endsWith", "endWith"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> rewards(source.toString()))
                .withMessageStartingWith("reward.0: " + source + " does not compile, line 4: cannot find symbol");
    }

    @Test
    void sourceWithoutOneVerifierIsRefused() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compiled("class Nothing {}"))
                .withMessage(
                        "reward.0: " + source + " must have one class that implements org.rlvr4j.eval.Verifier, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compiled(MULTIPLE_OF_FIVE
                        + MULTIPLE_OF_FIVE
                                .lines()
                                .skip(2)
                                .toList()
                                .toString()
                                .replaceAll("[\\[\\],]", " ")
                                .replace("public class MyReward", "class Other")
                                .replace("Problem problem  Answer", "Problem problem, Answer")))
                .withMessageEndingWith(", not 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rewards(folder.resolve("None.java").toString()))
                .withMessage("reward.0: there is no file " + folder.resolve("None.java"));
    }

    @Test
    void classOnTheClassPathIsAReward() {
        Rewards rewards = ofClass(OnClassPath.class.getName());

        assertThat(verdict(rewards, "abc").parts()).containsEntry("OnClassPath", 1.5);
        assertThat(rewards.digest()).hasSize(64);
    }

    @Test
    void classThatCannotBeUsedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ofClass("com.acme.None"))
                .withMessage("reward.0: there is no class com.acme.None on the class path; name its jar or folder by"
                        + " --classpath");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ofClass("java.lang.String"))
                .withMessage("reward.0: the class java.lang.String does not implement org.rlvr4j.eval.Verifier");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ofClass(Needy.class.getName()))
                .withMessageEndingWith("needs a constructor without parameters");
    }

    @Test
    void programsOwnVerifierIsAReward() {
        Rewards rewards = Rewards.of("length", new OnClassPath());

        assertThat(verdict(rewards, "abcd").parts()).containsEntry("length", 2.0);
    }

    @Test
    void problemThatCannotBeJudgedIsNamed() {
        var blue = new Problem("2", "test", PROBLEM.prompt(), List.of("blue"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> rewards("number").check(List.of(PROBLEM, blue)))
                .withMessageContaining("problem test/2");
    }

    private Rewards compiled(String text) throws IOException {
        Files.writeString(source, text);
        return rewards(source.toString());
    }

    private static Rewards rewards(String part) {
        return of(Configs.rewards(List.of(part)));
    }

    private static Rewards ofClass(String name) {
        RewardSetting plain = Configs.rewards(List.of("boxed")).getFirst();
        return of(List.of(new RewardSetting(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new RewardSetting.ClassName(name, null, 60),
                null,
                plain.weight(),
                null,
                List.of(),
                plain.right(),
                plain.wrong(),
                plain.unanswered())));
    }

    private static Rewards of(@Nullable List<RewardSetting> settings) {
        return Rewards.of(settings, RewardsTest.class.getClassLoader());
    }

    private static Verdict verdict(Rewards rewards, String text) {
        return rewards.verifier().verify(PROBLEM, Answer.of(text));
    }
}
