package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * The page in a real browser. Without Chromium these tests are skipped, unless {@code -Drlvr4j.chromium=required} says
 * that it has to be there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.SAME_THREAD) // all tests share the browser
class PageInBrowserTest {

    private static final int CHARTS = 20;
    private static final int METHODS = RunFiles.METHODS.size();

    private Path folder = Path.of("");
    private Path page = Path.of("");
    private Optional<Browser> started = Optional.empty();

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        Optional<Path> program = Browser.program();
        boolean required = "required".equals(System.getProperty("rlvr4j.chromium"));
        assumeTrue(program.isPresent() || required, "there is no Chromium: apt-get install chromium");
        page = folder.resolve("report.html");
        HtmlReport.write(HtmlReportTest.sample(), RunFiles.write(folder, false), page);
        started = Optional.of(new Browser(
                program.orElseThrow(() -> new AssertionError("-Drlvr4j.chromium=required, and there is no Chromium")),
                folder.resolve("profile")));
    }

    @AfterAll
    void end() {
        started.ifPresent(Browser::close);
    }

    /** Each test begins without the choices of another. */
    @AfterEach
    void nothingIsSaidToTheConsole() throws InterruptedException {
        assertThat(browser().said()).isEmpty();
        browser().evaluate("view.save = () => {}; sessionStorage.clear()");
    }

    @ParameterizedTest
    @CsvSource({"420, false", "420, true", "1400, false", "1400, true"})
    void curvesAreDrawnInTheirChartsAndNothingIsWiderThanThePage(int width, boolean dark) throws Exception {
        browser().open(page, width, dark);

        assertThat(number("document.querySelectorAll('figure').length")).isEqualTo(CHARTS);
        assertThat(number("document.querySelectorAll('figure:not([data-key=warmUpLoss], [data-key=referenceKl]) .line')"
                        + ".length"))
                .isEqualTo((CHARTS - 2) * METHODS);
        assertThat(browser().evaluate("""
            [...document.querySelectorAll('figure .line')].filter(line => {
              const numbers = line.getAttribute('d').match(/[-\\d.]+/g).map(Number);
              return numbers.length < 4 || numbers.some((n, i) => !(n >= 0 && n <= (i % 2 ? 240 : 420)));
            }).map(line => line.getAttribute('d'))\
            """)).isEmpty();
        assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
        assertThat(number("document.querySelectorAll('button:not([aria-label])').length"))
                .isEqualTo(number("[...document.querySelectorAll('button:not([aria-label])')]"
                        + ".filter(button => button.textContent.trim()).length"));
        assertThat(number(CONTRAST)).as("least contrast of a text").isGreaterThanOrEqualTo(4.5);
        assertThat(colours()).hasSizeGreaterThan(METHODS);
        assertThat(number("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"))
                .matches(red -> dark ? red < 100 : red > 200);
    }

    /** Least ratio of luminance between the colour of a text and what is behind it, as WCAG 2 defines it. */
    private static final String CONTRAST = """
        (() => {
          const rgb = text => text.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
            .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
          const behind = element => {
            const colour = rgb(getComputedStyle(element).backgroundColor);
            return colour.length === 4 && colour[3] === 0 && element.parentElement ? behind(element.parentElement) : colour;
          };
          return Math.min(...[...document.querySelectorAll('p, td, th, caption, figcaption, button:enabled, label, summary')]
            .filter(element => element.offsetParent).map(element => {
              const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
              return (a + .05) / (b + .05);
            }));
        })()\
        """;

    @Test
    void legendHidesAMethodInEveryChart() throws Exception {
        browser().open(page, 1400, false);
        int before = lines();

        browser().evaluate("document.querySelectorAll('.legend button')[1].click()");

        assertThat(lines()).isEqualTo(before - (CHARTS - 2));
        assertThat(text("[...new Set([...document.querySelectorAll('.series')].map(one => one.dataset.name))].join()"))
                .isEqualTo("GRPO,GSPO,DCPO,warm-up");
        assertThat(text("document.querySelectorAll('.legend button')[1].getAttribute('aria-pressed')"))
                .isEqualTo("false");
        browser().evaluate("document.querySelectorAll('.legend button')[1].click()");
        assertThat(lines()).isEqualTo(before);
    }

    @Test
    void draggingZoomsEveryChartAndADoubleClickShowsAllAgain() throws Exception {
        browser().open(page, 1400, false);
        String all = ticks();
        JsonNode box = browser().evaluate("""
            (() => {
              const svg = document.querySelector('figure[data-key=reward] svg');
              svg.scrollIntoView({ block: 'center' });
              const { left, top, width, height } = svg.getBoundingClientRect();
              return { left, top, width, height };
            })()\
            """);
        double y = box.path("top").asDouble() + box.path("height").asDouble() / 2;
        double left = box.path("left").asDouble();
        double width = box.path("width").asDouble();

        browser().mouse("mousePressed", left + width * 0.5, y, 1);
        browser().mouse("mouseMoved", left + width * 0.6, y, 0);
        browser().mouse("mouseReleased", left + width * 0.7, y, 1);

        assertThat(ticks()).isNotEqualTo(all).startsWith("10");
        assertThat(text("[...document.querySelectorAll('figure[data-key=entropy] .tick')].map(t =>"
                        + " t.textContent).join()"))
                .isEqualTo(ticks());
        for (int click = 1; click <= 2; click++) {
            browser().mouse("mousePressed", left + width * 0.5, y, click);
            browser().mouse("mouseReleased", left + width * 0.5, y, click);
        }
        assertThat(ticks()).isEqualTo(all);
    }

    @Test
    void horizontalAxisIsOfStepsOrTimeOrResponses() throws Exception {
        browser().open(page, 1400, false);
        assertThat(label("reward")).isEqualTo("step");

        browser().evaluate("document.querySelector('input[value=seconds]').click()");
        assertThat(label("reward")).isEqualTo("seconds of training");
        assertThat(label("avgAt1")).isEqualTo("seconds of training");
        assertThat(label("warmUpLoss")).isEqualTo("step of the warm-up");

        browser().evaluate("document.querySelector('input[value=generatedResponses]').click()");
        assertThat(label("reward")).isEqualTo("generated responses");
        assertThat(ticks()).endsWith("20k"); // DAPO's 2 * 512 * 20
    }

    @Test
    void sampleOpensWithTextsAsTheyAre() throws Exception {
        browser().open(page, 420, false);
        assertThat(text("document.querySelector('#samples select').value")).isEqualTo("GRPO, seed 1");

        browser().evaluate("document.querySelector('#samples summary').click()");

        assertThat(text("document.querySelector('#samples .completion pre').textContent"))
                .isEqualTo(RunFiles.EVIL);
        assertThat(number("document.querySelector('#samples .completion pre').offsetHeight"))
                .isPositive();
        assertThat(text("document.querySelector('#samples .completion .facts').textContent"))
                .isEqualTo("reward 1 · boxed 1 · advantage 0.7 · right · 17 tokens · answer 45");
        assertThat(text("[...document.querySelectorAll('#samples .completion')].map(c =>"
                        + " c.style.getPropertyValue('--share')).join()"))
                .isEqualTo("100%,0%");
        browser().evaluate("document.querySelector('#samples [aria-label=\"Earlier step\"]').click()");
        assertThat(text("document.querySelectorAll('#samples select')[1].value"))
                .isEqualTo("19");
    }

    @Test
    void answersBeforeAndAfterStandSideBySide() throws Exception {
        browser().open(page, 1400, false);

        browser().evaluate("document.querySelector('#before-after summary').click()");

        assertThat(text("document.querySelector('#before-after summary').textContent"))
                .isEqualTo("sums, sums/27+18=: wrong → right");
        assertThat(text("[...document.querySelectorAll('#before-after .completion pre')].map(p =>"
                        + " p.textContent).join()"))
                .isEqualTo("step 0,step 20");
        assertThat(number("new Set([...document.querySelectorAll('#before-after .two > div')]"
                        + ".map(d => d.getBoundingClientRect().top)).size"))
                .isEqualTo(1);
    }

    @Test
    void numbersOfAChartAreCommaSeparated() throws Exception {
        browser().open(page, 1400, false);

        String csv = text("charts.find(chart => chart.definition.key === 'reward').csv()");

        assertThat(csv).startsWith("method,seed,step,seconds,generatedResponses,reward\r\nGRPO,1,1,");
        assertThat(csv.lines()).hasSize(1 + METHODS * 3 * RunFiles.STEPS);
    }

    @Test
    void pageOfATrainingThatGoesOnLoadsItselfAgainAndKeepsTheChoices() throws Exception {
        Path running = folder.resolve("running.html");
        HtmlReport.write(HtmlReportTest.sample(), RunFiles.write(folder, true), running);
        browser().open(running, 1400, false);
        assertThat(text("document.getElementById('running').textContent")).contains("is going on");
        browser()
                .evaluate("document.querySelectorAll('.legend button')[0].click();"
                        + " document.querySelector('input[value=seconds]').click();"
                        + " document.querySelector('#samples summary').click();"
                        + " scrollTo(0, 500)");

        browser().loaded(); // again, by itself

        assertThat(text("document.querySelectorAll('.legend button')[0].getAttribute('aria-pressed')"))
                .isEqualTo("false");
        assertThat(label("reward")).isEqualTo("seconds of training");
        assertThat(browser()
                        .evaluate("document.querySelector('#samples details').open")
                        .asBoolean())
                .isTrue();
        assertThat(number("scrollY")).isEqualTo(500);

        HtmlReport.write(HtmlReportTest.sample(), RunFiles.write(folder, false), running);
        browser().evaluate("reload()"); // and now without waiting
        browser().loaded();
        assertThat(browser()
                        .evaluate("document.getElementById('running').hidden")
                        .asBoolean())
                .isTrue();
    }

    private Browser browser() {
        return started.orElseThrow();
    }

    private int lines() throws InterruptedException {
        return (int) number("document.querySelectorAll('figure .line').length");
    }

    private String ticks() throws InterruptedException {
        return text("[...document.querySelectorAll('figure[data-key=reward] .tick')].map(t => t.textContent).join()");
    }

    private String label(String chart) throws InterruptedException {
        return text("[...document.querySelectorAll('figure[data-key=" + chart + "] .below')].at(-1).textContent");
    }

    private double number(String expression) throws InterruptedException {
        return browser().evaluate(expression).asDouble();
    }

    private String text(String expression) throws InterruptedException {
        return browser().evaluate(expression).asString();
    }

    private Set<Integer> colours() throws IOException, InterruptedException {
        byte[] png = Base64.getDecoder().decode(browser().picture());
        var image = ImageIO.read(new ByteArrayInputStream(png));
        var colours = new HashSet<Integer>();
        for (int y = 0; y < image.getHeight(); y += 2) {
            for (int x = 0; x < image.getWidth(); x += 2) {
                colours.add(image.getRGB(x, y));
            }
        }
        return colours;
    }
}
