package org.rlvr4j.eval.grader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.Problems;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;

class GraderTest {

    @Test
    void structuredAnswerIsForAnotherVerifier(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("games.jsonl"), """
            {"prompt": "a?", "answer": {"target": 24, "numbers": [4, 6]}}
            {"prompt": "b?", "answer": ["24", 24]}
            """);
        List<Problem> problems = Problems.load(file);
        var answer = Answer.of("\\boxed{24}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Grader().verify(problems.getFirst(), answer))
                .withMessage("the answer of problem games/1 is a struct, a map or a list of lists, which the grader of"
                        + " mathematics does not look into: judge it by a verifier of its task, or write the"
                        + " answer as text or a number");
        assertThat(new Grader().verify(problems.getLast(), answer).correct()).isTrue();
    }

    private final Grader grader = new Grader();

    @Test
    void verdictSaysWhatWasAnsweredAndWhatDecided() {
        assertThat(grader.grade("So \\boxed{ 0.5 }.", List.of("0.5"))).isEqualTo(verdict(Stage.IDENTICAL, " 0.5 "));
        assertThat(grader.grade("So \\boxed{1/2}.", List.of("0.5"))).isEqualTo(verdict(Stage.EXACT, "1/2"));
        assertThat(grader.grade("So \\boxed{}.", List.of("0.5"))).isEqualTo(verdict(Stage.DIFFERENT, ""));
        assertThat(grader.grade("So 0.5.", List.of("0.5"))).isEqualTo(Verdict.of(Stage.UNBOXED, Optional.empty()));
    }

    @Test
    void anyAcceptedAnswerWillDo() {
        assertThat(grader.grade("\\boxed{7}", List.of("5", "\\boxed{7}")).correct())
                .isTrue();
        assertThat(grader.grade("\\boxed{6}", List.of("5", "7")).correct()).isFalse();
        assertThat(grader.grade("\\boxed{6}", List.of()).correct()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2\\sqrt{3}               | \\sqrt{12}",
                "\\frac{1}{\\sqrt2}       | \\frac{\\sqrt2}{2}",
                "\\sqrt[3]{54}            | 3\\sqrt[3]{2}",
                "\\sqrt{-4}               | 2i",
                "\\frac{1+i}{2}           | \\frac12+\\frac{i}{2}",
                "(x+y)^2                  | x^2+2xy+y^2",
                "2^{-3}                   | 0.125",
                "-1\\frac{1}{2}           | -3/2",
                "1{,}000{,}000            | 10^6",
                "\\$1,234.50              | 1234.5",
                "50\\%                    | \\frac12",
                "50\\%                    | 50",
                "90^\\circ                | 90",
                "5\\text{ inches}         | 5",
                "5 cm^2                   | 5\\text{ cm}^{2}",
                "x = 3                    | 3",
                "y=1+2x                   | 2x+1=y",
                "x = 3 or x = 4           | 4, 3",
                "1, 2, and 3              | \\{3,2,1\\}",
                "3 < x \\leq 4            | 4 \\ge x > 3",
                "x \\in [-2,7)            | \\left[-2, 7\\right)",
                "(3,\\infty)\\cup(-\\infty,2) | (-\\infty,2) \\cup (3,\\infty)",
                "(3,\\pi/2)               | \\left( 3, \\dfrac{\\pi}{2} \\right)",
                "\\begin{pmatrix}1/2\\\\3\\end{pmatrix} | \\begin{pmatrix} \\frac{1}{2} \\\\ 3 \\end{pmatrix}",
                "52_8                     | 52_{8}",
                "\\text{Evelyn}           | evelyn",
                "\\mathrm{(B)}            | B",
                "x                        | X",
                "\\frac{a}{b}+\\frac{c}{d} | \\frac{ad+bc}{bd}",
                "\\frac{x^2-1}{x-1}       | x+1",
                "\\frac{1}{\\sqrt2+1}     | \\sqrt2-1",
                "\\sqrt[3]{-8}            | -2",
                "2^{n+1}                  | 2\\cdot 2^n",
                "\\frac{5!}{3!2!}         | \\binom{5}{2}",
                "\\ln 8                   | 3\\ln 2",
                "\\log_2 8                | 3",
                "\\log 100                | 2",
                "6 feet                   | 72 inches",
                "\\$0.75                  | 75 cents",
                "2x+4y=6                  | x+2y-3=0",
                "x < 3 or x > 5           | (-\\infty,3)\\cup(5,\\infty)",
                "1 \\pm \\sqrt{19}        | 1-\\sqrt{19}, 1+\\sqrt{19}",
                "14 {, }916               | 14916",
                "(n-2)2^n+n2^{n-1}        | (3n-4)2^{n-1}",
                "7\\text { square inches} | 7",
                "4,                       | 4",
                "30^\\circ.               | 30",
                "7\\text{ sq. units}.      | 7\\text{ square units}",
                "\\color{blue}{4}         | 4",
                "{\\Large 4}              | 4",
                "\\nicefrac{3}{4}         | 0.75",
                "\\quadx                  | x",
                "\\angle ABC = 30^\\circ  | 30",
                "\\text{Area} = 12\\pi    | 12\\pi",
                "\\frac{AB}{CD}=\\frac12  | 0.5",
                "\\cos A=\\frac12         | 0.5",
                "f^{-1}(x)=\\frac{x}{2}   | \\frac{x}{2}",
                "P(X=3)=\\frac12          | 0.5",
                "3 = x                    | 3",
                "x=1, y=2                 | (1,2)",
                "y=2, x=1                 | (1,2)",
                "p=5,q=2; p=7,q=2         | (5,2),(7,2)",
                "\\{1,1,2\\}              | \\{1,2\\}",
                "(1,2),(3,4),(1, 2)       | (1,2),(3,4)",
                "\\begin{pmatrix}1\\\\[2pt]2\\end{pmatrix} | \\begin{pmatrix}1\\\\2\\end{pmatrix}",
                "5\\text{ cm squared}     | 5\\text{ cm}^2",
                "'|x-1|'                  | '|1-x|'",
                "\\sqrt{(x-7)^2}          | '|7-x|'",
            })
    void differentWritingsOfTheSameAreAccepted(String answer, String truth) {
        assertThat(grader.same(answer, truth)).isTrue();
        assertThat(grader.same(truth, answer)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "e^{i\\pi}                 | -1",
                "\\sin 30^\\circ          | \\frac12",
                "\\tan^2 x+1              | \\sec^2 x",
                "\\cos 2x                 | 2\\cos^2 x-1",
                "\\cos x + i\\sin x       | e^{ix}",
                "\\sqrt{3+2\\sqrt2}       | 1+\\sqrt2",
                "\\sin^{-1}(1)            | \\pi/2",
                "\\arctan 1               | \\frac{\\pi}{4}",
                "\\lvert 3+4i\\rvert         | 5",
                "\\lvert x\\rvert^2          | x^2",
            })
    void whatIsTheSameByItsDigitsIsAcceptedAtTheNumericStage(String answer, String truth) {
        assertThat(Grader.compare(answer, truth).stage()).isEqualTo(Stage.NUMERIC);
        assertThat(Grader.compare(truth, answer).stage()).isEqualTo(Stage.NUMERIC);
    }

    /** Each differs by less than a double can tell, or grows beyond all digits. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "e^{\\pi\\sqrt{163}}       | 262537412640768744",
                "\\sin(1+e^{-500})        | \\sin 1",
                "1+e^{-500}               | 1",
                "2^{100000}               | 2^{100000}+1",
                "3.14159265358979323846264338327950288419716939937510582 | \\pi",
                "1.41421356237309504880168872420969807856967187537694807 | \\sqrt2",
                "\\frac{10^{60}+1}{10^{60}} | 1",
                "\\ln(x^2)                | 2\\ln x",
                "'|x-5|'                  | 5-x",
                "'|x+3|-|x-3|'            | 2x",
                "'|x-3|+|x-4|'            | 7-2x",
                "\\sqrt{x^2-10x+25}       | 5-x",
                "\\arctan(\\tan(x/9))     | x/9",
                "\\lceil x\\rceil-1       | \\lfloor x\\rfloor",
            })
    void nearMissIsAMiss(String answer, String truth) {
        assertThat(grader.same(answer, truth)).isFalse();
        assertThat(grader.same(truth, answer)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3.14                     | \\pi",
                "0.333                    | \\frac13",
                "9007199254740993         | 9007199254740992",
                "\\sqrt[3]{2}             | \\sqrt{2}",
                "\\sqrt{x^2}              | x",
                "(-8)^{1/3}               | -2",
                "-2\\frac13               | -\\frac53",
                "2\\frac{5}{3}            | \\frac{10}{3}",
                "1/2x                     | \\frac{x}{2}",
                "\\frac{1}{2x}            | \\frac12 x",
                "2^{3}^{2}                | 64",
                "2{3}                     | 6",
                "100, 200                 | 100200",
                "52_8                     | 528",
                "x_{12}                   | 2x_1",
                "0/0                      | 0",
                "1/0                      | \\infty",
                "\\infty                  | -\\infty",
                "0.5\\%                   | 0.5",
                "6 cm                     | 6 km",
                "6 feet                   | 6 inches",
                "\\binom{7}{3}            | 73",
                "1,2,3,\\ldots             | 1,2,3",
                "x+y=3                    | 3",
                "5\\text{ ms}             | 5\\text{ m}",
                "5 dozen                  | 5",
                "90^\\circ                | \\frac{\\pi}{2}",
                "x=1, y=2                 | x=2, y=1",
                "x<3                      | x \\le 3",
                "3\\text{ and }4          | 3",
                "1,1,2                    | 1,2,2",
                "(2,1)                    | (1,2)",
                "[1,2)                    | (1,2)",
                "\\{1,2\\}                | (1,2)",
                "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix} | \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
                "\\frac{a}{b}             | \\frac{c}{b}",
                "\\Delta                  | \\delta",
                "f(2)                     | 2f",
                "'|x|'                    | x",
                "no                       | on",
                "ASA                      | AAS",
                "\\mbox{no}               | \\mbox{yes}",
                "5\\text{ squared}        | 5",
                "2cu                      | 2",
                "7\\text{ factorial}      | 7",
                "3\\text{ tenths}         | 3",
                "5\\text{ degrees below zero} | 5",
                "5\\text{ m/s}^2          | 5\\text{ m}^2/\\text{s}^2",
                "\\sqrt{2} \\approx 1.41, 5 | \\sqrt2",
                "a<b                      | a<c",
                "\\sin x=\\frac12         | \\cos x=\\frac12",
                "h^2=9                    | 9",
                "\\{x \\mid x>2, x<5\\}    | x<5 \\text{ or } x>2",
                "(x,y)=(1,2)              | (y,x)=(1,2)",
                "x=2, y=1                 | (1,2)",
                "x \\not= 2               | 2",
                "0.3\\overline{6}         | 0.30\\overline{6}",
                "2^3!                     | 64",
                "\\widetilde{A}           | A",
                "\\sout{5}                | 5",
                "2\\phantom{0}            | 20",
                "\\{x\\in\\mathbb{Z} \\mid x > 2\\} | (2,\\infty)",
            })
    void whatCannotBeShownToBeTheSameIsRejected(String answer, String truth) {
        assertThat(grader.same(answer, truth)).isFalse();
        assertThat(grader.same(truth, answer)).isFalse();
    }

    /** Each would take far longer, or overflow, if all that it asks for were computed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "((((2^{999})^{999})^{999})^{999})",
                "9^{9^{9^{9^{9}}}}",
                "(a+b+c+x+y+z)^{20}(a+b+c+x+y+z)^{20}",
                "\\sqrt{9223372036854775783}",
                "2^{1000000000000}",
            })
    void costlyAnswerIsRejectedWithoutBeingComputed(String answer) {
        assertThat(grader.same(answer, "7")).isFalse();
    }

    @Test
    void deepOrLongAnswerIsRejectedUnlessIdentical() {
        String deep = "(".repeat(900) + "1" + ")".repeat(900);
        String lengthy = "1+".repeat(5_000) + "1";

        assertThat(grader.same(deep, "1")).isFalse();
        assertThat(grader.same(lengthy, "5001")).isFalse();
        assertThat(grader.same(lengthy, lengthy)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2^{100000000000000000000/3}",
                "2^{-100000000000000000000/3}",
                "\\sqrt[3]{2^{99999}}^{99999}",
                "{1 \\over 6^{99999999999999/7}}",
            })
    void largeFractionalExponentIsRejectedUnlessIdentical(String large) {
        assertThat(grader.same(large, "1")).isFalse();
        assertThat(grader.same("1", large)).isFalse();
    }

    private static Verdict verdict(Stage stage, String answer) {
        return Verdict.of(stage, Optional.of(answer));
    }
}
