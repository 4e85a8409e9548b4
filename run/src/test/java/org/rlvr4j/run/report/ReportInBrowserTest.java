package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, Chromium, without a window. */
@Tag("full")
class ReportInBrowserTest {

    private static final int HEIGHT = 2400;
    private static final int PANELS = 8; // of the sample
    private static final int METHODS = 4;

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {420, 1400})
    void curvesAreDrawnAndNothingIsSaidToTheConsole(int width) throws Exception {
        Optional<Path> chromium = chromium();
        assumeTrue(chromium.isPresent(), "there is no Chromium: apt-get install chromium");
        Path page = folder.resolve("report.html");
        HtmlReport.write(HtmlReportTest.sample(), page);
        Path picture = folder.resolve("picture.png");

        String said = browse(chromium.get(), page, "--screenshot=" + picture, "--window-size=" + width + "," + HEIGHT);
        String document = browse(chromium.get(), page, "--dump-dom", "--window-size=" + width + "," + HEIGHT);

        assertThat(said).doesNotContain(":CONSOLE:", "Uncaught");
        assertThat(document.split("<g class=\"series", -1)).hasSize(1 + PANELS * METHODS);
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(width);
        assertThat(colours(image)).as("colours of the picture").hasSizeGreaterThan(METHODS);
    }

    private static Set<Integer> colours(BufferedImage image) {
        var colours = new HashSet<Integer>();
        for (int y = 0; y < image.getHeight(); y += 2) {
            for (int x = 0; x < image.getWidth(); x += 2) {
                colours.add(image.getRGB(x, y));
            }
        }
        return colours;
    }

    private String browse(Path chromium, Path page, String... options) throws IOException, InterruptedException {
        Path printed = folder.resolve("printed.txt");
        var command = new ArrayList<>(List.of(
                chromium.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--user-data-dir=" + folder.resolve("profile")));
        command.addAll(List.of(options));
        command.add(page.toUri().toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the browser ends").isTrue();
        return Files.readString(printed);
    }

    private static Optional<Path> chromium() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":", -1)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
