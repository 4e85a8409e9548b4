package org.rlvr4j.run.report;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Chromium without a window, driven by the Chrome DevTools Protocol: one page, and what it says to its console. */
final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long SECONDS = 60; // after which a browser that does not answer is given up

    private final Path printed;
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final List<JsonNode> events = new ArrayList<>();
    private final WebSocket socket;
    private String session = "";
    private int id;

    /** The program, if it is installed. */
    static Optional<Path> program() {
        return Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":", -1)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts the program with an empty page.
     *
     * @param program Chromium
     * @param profile folder of its own
     */
    Browser(Path program, Path profile) throws IOException, InterruptedException {
        Files.createDirectories(profile);
        printed = profile.resolve("printed.txt");
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        socket = connect(profile.resolve("DevToolsActivePort"));
        String target = call("Target.createTarget", Map.of("url", "about:blank"))
                .path("targetId")
                .asString();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asString();
        for (String domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Connects to the address that the browser writes into its profile once it listens. */
    private WebSocket connect(Path port) throws IOException, InterruptedException {
        for (int i = 0; i < SECONDS * 20 && process.isAlive(); i++) {
            List<String> lines = Files.exists(port) ? Files.readAllLines(port) : List.of();
            if (lines.size() >= 2) {
                URI address = URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
                return client.newWebSocketBuilder()
                        .buildAsync(address, new Receiver())
                        .join();
            }
            Thread.sleep(50);
        }
        throw new IOException("the browser does not listen: " + printed());
    }

    private String printed() {
        try {
            return Files.readString(printed);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private final class Receiver implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                received.add(JSON.readTree(text.toString()));
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            received.add(JSON.valueToTree(Map.of("method", "broken", "error", error.toString())));
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            received.add(JSON.valueToTree(Map.of("method", "broken", "error", "closed: " + statusCode + " " + reason)));
            return null;
        }
    }

    /** Opens a page as wide as a window of that many pixels, and waits until it is loaded. */
    void open(Path page, int width, boolean dark) throws InterruptedException {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        call("Page.navigate", Map.of("url", page.toUri().toString()));
        loaded();
    }

    /** Waits until the page is loaded. */
    void loaded() throws InterruptedException {
        while (events.stream()
                .noneMatch(event -> event.path("method").asString("").equals("Page.loadEventFired"))) {
            events.add(next());
        }
        events.removeIf(event -> event.path("method").asString("").equals("Page.loadEventFired"));
    }

    /** Value of an expression of JavaScript. */
    JsonNode evaluate(String expression) throws InterruptedException {
        JsonNode answer =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Moves the mouse to a place with its left button as it is. */
    void mouse(String type, double x, double y, int clicks) throws InterruptedException {
        call(
                "Input.dispatchMouseEvent",
                Map.of("type", type, "x", x, "y", y, "button", "left", "buttons", 1, "clickCount", clicks));
    }

    /** The page as a PNG picture in Base64. */
    String picture() throws InterruptedException {
        return call("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .path("data")
                .asString();
    }

    /** What the page has said to its console, and its errors, so far. */
    List<String> said() {
        return events.stream()
                .filter(event -> List.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
                        .contains(event.path("method").asString("")))
                .map(JsonNode::toString)
                .toList();
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws InterruptedException {
        int number = ++id;
        var message = new HashMap<String, Object>(Map.of("id", number, "method", method, "params", parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(JSON.writeValueAsString(message), true).join();
        for (JsonNode answer = next(); ; answer = next()) {
            if (answer.path("id").asInt(0) == number) {
                if (answer.has("error")) {
                    throw new AssertionError(method + ": " + answer.path("error"));
                }
                return answer.path("result");
            }
            events.add(answer);
        }
    }

    private JsonNode next() throws InterruptedException {
        JsonNode message = received.poll(SECONDS, TimeUnit.SECONDS);
        if (message == null || message.path("method").asString("").equals("broken")) {
            throw new AssertionError("the browser " + (process.isAlive() ? "" : "has ended and ") + "does not answer: "
                    + message + "; " + printed());
        }
        return message;
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }
}
