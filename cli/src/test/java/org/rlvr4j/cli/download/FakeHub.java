package org.rlvr4j.cli.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;

/** One repository as the Hub serves it: small files itself, large ones through a redirect to another host. */
final class FakeHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** A request that came: to which of the two servers, for what, and with which of the headers that matter. */
    record Request(String server, String path, String range, String authorization) {}

    /** What the next answers are instead of the right ones. */
    record Refusal(int status, Map<String, String> headers) {}

    final Map<String, byte[]> files = new TreeMap<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();
    final LinkedBlockingQueue<Refusal> refusals = new LinkedBlockingQueue<>();

    /** Path to how many bytes of it are sent before the connection breaks, once. */
    final Map<String, Integer> cuts = new ConcurrentHashMap<>();

    /** Path to what is sent in place of the content. */
    final Map<String, byte[]> forged = new ConcurrentHashMap<>();

    /** Released by {@link #close}: the answer to a path of this name does not come before. */
    private final CountDownLatch end = new CountDownLatch(1);

    volatile String silent = "";
    volatile boolean ignoresRanges;
    volatile long announcedSize = -1;

    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer hub = server("hub");
    private final HttpServer store = server("store");

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String sha256(byte[] content) {
        return digest("SHA-256", content);
    }

    static String gitBlob(byte[] content) {
        byte[] header = bytes("blob " + content.length + "\0");
        byte[] whole = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, whole, header.length, content.length);
        return digest("SHA-1", whole);
    }

    String endpoint() {
        return "http://localhost:" + hub.getAddress().getPort();
    }

    /** What was asked for since the last call, without the common part of the paths. */
    List<String> asked() {
        List<String> paths = requests.stream()
                .map(request ->
                        request.server() + " " + request.path().replaceAll(".*/(resolve/[0-9a-f]{40}|revision)/", ""))
                .toList();
        requests.clear();
        return paths;
    }

    private HttpServer server(String name) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    requests.add(new Request(
                            name,
                            exchange.getRequestURI().getPath(),
                            header(exchange, "Range"),
                            header(exchange, "Authorization")));
                    answer(name, exchange);
                }
            });
            server.setExecutor(workers);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(String server, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Refusal refusal = refusals.poll();
        if (refusal != null) {
            refusal.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(refusal.status(), -1);
        } else if (path.startsWith("/api/")) {
            byte[] listing = bytes(listing());
            exchange.sendResponseHeaders(200, listing.length);
            exchange.getResponseBody().write(listing);
        } else {
            file(server, exchange, path.replaceAll(".*/resolve/[0-9a-f]{40}/", ""));
        }
    }

    private void file(String server, HttpExchange exchange, String path) throws IOException {
        byte[] content = files.get(path);
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (server.equals("hub") && isLarge(path)) {
            exchange.getResponseHeaders().set("X-Linked-Etag", '"' + sha256(content) + '"');
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
            exchange.getResponseHeaders()
                    .set(
                            "Location",
                            "http://127.0.0.1:" + store.getAddress().getPort()
                                    + exchange.getRequestURI().getRawPath() + "?signature=secret");
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", '"' + (isLarge(path) ? sha256(content) : gitBlob(content)) + '"');
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        send(exchange, path, forged.getOrDefault(path, content));
    }

    private void send(HttpExchange exchange, String path, byte[] content) throws IOException {
        String range = header(exchange, "Range");
        int start = ignoresRanges || range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (start > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + start + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(start > 0 ? 206 : 200, content.length == 0 ? -1 : content.length - start);
        Integer cut = cuts.remove(path);
        int length = cut == null ? content.length - start : cut;
        exchange.getResponseBody().write(content, start, length);
        exchange.getResponseBody().flush();
        if (path.equals(silent)) {
            awaitEnd();
        }
    }

    private String listing() {
        String siblings = files.keySet().stream().map(this::sibling).collect(Collectors.joining(",\n"));
        return "{\"id\": \"org/name\", \"sha\": \"" + COMMIT + "\", \"siblings\": [" + siblings + "]}";
    }

    private String sibling(String path) {
        byte[] content = files.getOrDefault(path, new byte[0]);
        long size = announcedSize < 0 ? content.length : announcedSize;
        String lfs = isLarge(path)
                ? ", \"lfs\": {\"sha256\": \"" + sha256(content) + "\", \"size\": " + size + ", \"pointerSize\": 130}"
                : "";
        return "{\"rfilename\": \"" + path + "\", \"size\": " + size + ", \"blobId\": \"" + gitBlob(content) + '"' + lfs
                + "}";
    }

    private static boolean isLarge(String path) {
        return path.matches(".*\\.(safetensors|parquet|bin)");
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String digest(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        end.countDown();
        hub.stop(0);
        store.stop(0);
        workers.close();
    }
}
