package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.data.WordProblems.Patterns;

class WordProblemsTest {

    private static final WordProblems WORDS = WordProblems.STANDARD;
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern EQUATION = Pattern.compile("(\\d+) ([+*-]) (\\d+) = (\\d+)\\. ");

    /** What a reader computes from the numbers of the text, in their order, by the words that tell the stories apart. */
    private static final Map<String, ToIntFunction<int[]>> BY_READING = Map.ofEntries(
            Map.entry("each\\. \\w+ gives \\d+ \\w+ to \\w+\\. How", n -> n[0] * n[1] - n[2]),
            Map.entry("box.* each\\. \\w+ gives .* and .* to ", n -> n[0] * n[1] - n[2] - n[3]),
            Map.entry("fills .* finds", n -> n[0] * n[1] + n[2]),
            Map.entry("box.* bag.* in all", n -> n[0] * n[1] + n[2] * n[3]),
            Map.entry("more and then gives", n -> n[0] + n[1] - n[2]),
            Map.entry("Monday", n -> n[0] - n[1] - n[2]),
            Map.entry("more than", n -> 2 * n[0] + n[1]),
            Map.entry("times as many", n -> n[0] + n[0] * n[1] + n[2]),
            Map.entry("^\\w+ has [^.]*, [^.]* and [^.]* has", n -> n[0] + n[1] + n[2]),
            Map.entry("a hat for", n -> n[0] * n[1] + n[2]),
            Map.entry("and buys", n -> n[0] - n[1] * n[2]),
            Map.entry("paints", n -> n[0] * n[1] - n[2] + n[3]),
            Map.entry("room", n -> n[0] * n[1] - n[2] + n[3]),
            Map.entry("fewer than", n -> 2 * n[0] - n[1]),
            Map.entry("basket", n -> n[0] - n[1] + n[2]),
            Map.entry("school", n -> n[0] * n[1] + n[2]),
            Map.entry("earns", n -> n[0] * n[1] - n[2]),
            Map.entry("garden", n -> n[0] * n[1] + n[2] * n[3]));

    @ParameterizedTest
    @EnumSource
    void answerIsWhatAReaderOfTheTextComputes(Patterns patterns) {
        assertThat(WORDS.generate(patterns, 900, 1, List.of())).allSatisfy(problem -> {
            int[] numbers = NUMBER.matcher(text(problem))
                    .results()
                    .mapToInt(match -> Integer.parseInt(match.group()))
                    .toArray();
            List<Integer> read = BY_READING.entrySet().stream()
                    .filter(entry -> Pattern.compile(entry.getKey())
                            .matcher(text(problem))
                            .find())
                    .map(entry -> entry.getValue().applyAsInt(numbers))
                    .toList();
            assertThat(read).as(text(problem)).hasSize(1);
            assertThat(problem.answers()).as(text(problem)).containsExactly(String.valueOf(read.getFirst()));
        });
    }

    @ParameterizedTest
    @EnumSource
    void workedAnswerGoesByTrueStepsWithSomethingLeftToTheBox(Patterns patterns) {
        var random = new SplittableRandom(1);
        assertThat(WORDS.generate(patterns, 900, 2, List.of())).allSatisfy(problem -> {
            String answer = WORDS.demonstration(problem, random);
            var equations = EQUATION.matcher(answer).results().toList();
            assertThat(equations).as(answer).hasSizeBetween(2, 3).allSatisfy(equation -> {
                int a = Integer.parseInt(equation.group(1));
                int b = Integer.parseInt(equation.group(3));
                int c = Integer.parseInt(equation.group(4));
                assertThat(c)
                        .isPositive()
                        .isEqualTo(
                                switch (equation.group(2)) {
                                    case "+" -> a + b;
                                    case "-" -> a - b;
                                    default -> a * b;
                                });
            });
            assertThat(EQUATION.matcher(answer).replaceAll(""))
                    .isEqualTo("\\boxed{" + problem.answers().getFirst() + "}");
            assertThat(equations.getLast().group(4)).isEqualTo(problem.answers().getFirst());
        });
    }

    @ParameterizedTest
    @EnumSource
    void oneIsSingularAndAllElseIsPlural(Patterns patterns) {
        List<String> texts = WORDS.generate(patterns, 900, 3, List.of()).stream()
                .map(WordProblemsTest::text)
                .toList();

        assertThat(texts).noneMatch(text -> text.matches(".*[{}].*"));
        Pattern counted = Pattern.compile("(\\d+) ([a-z]+)");
        assertThat(texts.stream()
                        .flatMap(text -> counted.matcher(text).results())
                        .filter(match -> !List.of("times", "more").contains(match.group(2))))
                .anyMatch(match -> match.group(1).equals("1"))
                .allSatisfy(match -> assertThat(match.group(2).matches(".*s|children"))
                        .as(match.group())
                        .isEqualTo(!match.group(1).equals("1") || match.group(2).equals("class")));
    }

    @Test
    void problemsAreDistinctAndDisjointFromOthersEvenWithOtherNames() {
        List<Problem> heldBack = WORDS.generate(Patterns.KNOWN, 240, 1, List.of());
        List<Problem> training = WORDS.generate(Patterns.KNOWN, 1200, 1, heldBack);

        assertThat(Stream.concat(heldBack.stream(), training.stream())
                        .map(problem -> Story.of(problem))
                        .distinct())
                .hasSize(1440);
    }

    /** Story without names and things: the pattern's name, and the amounts as the text has them. */
    private record Story(String pattern, List<String> numbers) {

        static Story of(Problem problem) {
            return new Story(
                    problem.id().split(":", -1)[0],
                    NUMBER.matcher(text(problem))
                            .results()
                            .map(match -> match.group())
                            .toList());
        }
    }

    @Test
    void noPatternIsBothKnownAndNew() {
        assertThat(Stream.of(Patterns.values())
                        .flatMap(patterns -> patterns.all().stream())
                        .flatMap(pattern -> Stream.of(pattern.name(), pattern.text())))
                .doesNotHaveDuplicates()
                .hasSize(2 * 18);
    }

    @Test
    void everyPatternIsAskedForEquallyOften() {
        assertThat(WORDS.generate(Patterns.NEW, 60, 1, List.of()).stream()
                        .map(problem -> problem.id().split(":", -1)[0])
                        .distinct())
                .hasSize(6)
                .allSatisfy(name -> assertThat(WORDS.generate(Patterns.NEW, 60, 1, List.of()).stream()
                                .filter(problem -> problem.id().startsWith(name)))
                        .hasSize(10));
    }

    @Test
    void sameSeedGivesTheSameProblems() {
        assertThat(WORDS.generate(Patterns.KNOWN, 20, 7, List.of()))
                .isEqualTo(WORDS.generate(Patterns.KNOWN, 20, 7, List.of()))
                .isNotEqualTo(WORDS.generate(Patterns.KNOWN, 20, 8, List.of()));
    }

    @Test
    void teacherMayGuess() {
        var guesses = new WordProblems(0, 1, 9);
        Problem problem = guesses.generate(Patterns.KNOWN, 1, 1, List.of()).getFirst();

        assertThat(guesses.demonstration(problem, new SplittableRandom(1)))
                .matches("\\\\boxed\\{-?\\d+}")
                .isNotEqualTo("\\boxed{" + problem.answers().getFirst() + "}");
        assertThat(WORDS.longestDemonstrations(problem))
                .containsExactly(WORDS.demonstration(problem, new SplittableRandom(1)));
    }

    @Test
    void moreProblemsThanThereAreAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WORDS.generate(Patterns.NEW, 100_000, 1, List.of()))
                .withMessageMatching("there are not 100000 more word problems after 0: the pattern \".*\" has no other"
                        + " amounts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WordProblems(1.5, 0, 1))
                .withMessage("workedShare must be from 0 to 1, not 1.5");
    }

    private static String text(Problem problem) {
        return problem.prompt().getFirst().content();
    }
}
