package org.rlvr4j.cli.download;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP client for large downloads: a download that breaks off is continued, a transient failure is tried again, and a
 * silent connection is given up. The token is sent to the endpoint only, never to an address that it redirects to.
 */
final class Transport implements AutoCloseable {

    private static final int ATTEMPTS = 5;
    private static final int REDIRECTS = 5;
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_ANSWER = 1 << 25; // bytes; a listing has about 200 for each file
    private static final int PARTIAL_CONTENT = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final URI endpoint;
    private final @Nullable Login login;
    private final Patience patience;
    private final HttpClient client;
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

    Transport(URI endpoint, @Nullable Login login, Patience patience) {
        this.endpoint = endpoint;
        this.login = login;
        this.patience = patience;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .build();
    }

    /**
     * Reads a small answer.
     *
     * @throws IOException              if the request fails
     * @throws IllegalArgumentException if the answer has more than 32 MiB
     */
    byte[] read(URI address) throws IOException {
        return retrying(() -> {
            try (InputStream body = body(send(address, 0))) {
                var bytes = new ByteArrayOutputStream();
                copy(body, bytes, 0, RemoteFile.UNKNOWN, Transport::requireSmall);
                return bytes.toByteArray();
            }
        });
    }

    private static void requireSmall(long length) {
        if (length > LONGEST_ANSWER) {
            throw new IllegalArgumentException("the Hub's listing has more than " + LONGEST_ANSWER + " bytes");
        }
    }

    /**
     * Downloads a file, continuing after the bytes that an earlier download has written.
     *
     * @param address address of the file
     * @param part    path of the unfinished download
     * @param size    size of the file in bytes, or {@link RemoteFile#UNKNOWN}
     * @param length  receives the number of bytes downloaded so far
     * @throws IOException if the download fails
     */
    void download(URI address, Path part, long size, LongConsumer length) throws IOException {
        retrying(() -> {
            advance(address, part, size, length);
            return part;
        });
    }

    private void advance(URI address, Path part, long size, LongConsumer length) throws IOException {
        long start = Files.exists(part) ? Files.size(part) : 0;
        if (size != RemoteFile.UNKNOWN && start >= size && start > 0) {
            if (start == size) {
                return;
            }
            Files.delete(part);
            start = 0;
        }
        HttpResponse<InputStream> response = send(address, start);
        boolean continues = continues(response, start);
        if (response.statusCode() == RANGE_NOT_SATISFIABLE || (isPartial(response) && !continues)) {
            response.body().close();
            Files.deleteIfExists(part);
            throw new IOException("the server cannot continue after byte " + start);
        }
        try (InputStream body = body(response);
                OutputStream out = Files.newOutputStream(
                        part,
                        StandardOpenOption.CREATE,
                        continues ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
            copy(body, out, continues ? start : 0, size, length);
        }
    }

    private static boolean isPartial(HttpResponse<?> response) {
        return response.statusCode() == PARTIAL_CONTENT;
    }

    private static boolean continues(HttpResponse<?> response, long start) {
        String range = response.headers().firstValue("Content-Range").orElse("");
        return isPartial(response) && range.startsWith("bytes " + start + "-");
    }

    private void copy(InputStream body, OutputStream out, long start, long size, LongConsumer length)
            throws IOException {
        var buffer = new byte[CHUNK];
        long position = start;
        for (int n; (n = await(readers.submit(() -> body.read(buffer)))) >= 0; ) {
            out.write(buffer, 0, n);
            position += n;
            length.accept(position);
            if (size != RemoteFile.UNKNOWN && position > size) {
                break;
            }
        }
        if (size != RemoteFile.UNKNOWN && position != size) {
            throw new EOFException("got " + position + " bytes of " + size);
        }
    }

    /** Sends a request, follows redirects, and returns the last answer, whatever its status. */
    private HttpResponse<InputStream> send(URI address, long start) throws IOException {
        URI target = address;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            HttpResponse<InputStream> response =
                    await(client.sendAsync(request(target, start), BodyHandlers.ofInputStream()));
            String location = response.headers().firstValue("Location").orElse("");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                return response;
            }
            response.body().close();
            target = redirected(target, location);
        }
        throw new IOException("more than " + REDIRECTS + " redirects");
    }

    private HttpRequest request(URI target, long start) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .header("User-Agent", "rlvr4j")
                .header("Accept-Encoding", "identity"); // so that lengths and ranges are those of the file
        if (start > 0) {
            request.header("Range", "bytes=" + start + "-");
        }
        if (login != null && isSameOrigin(target, endpoint)) {
            request.header("Authorization", "Bearer " + login.token());
        }
        return request.build();
    }

    private static boolean isSameOrigin(URI a, URI b) {
        return Objects.equals(a.getScheme(), b.getScheme())
                && Objects.equals(a.getHost(), b.getHost())
                && a.getPort() == b.getPort();
    }

    /** The target of a redirect. Errors never quote it: it may hold a signature, which is as secret as a password. */
    private static URI redirected(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException("the server redirects to what is no address", e);
        }
        if (!isSafe(from, to)) {
            throw new IOException("the server redirects to where no download can follow");
        }
        return to;
    }

    private static boolean isSafe(URI from, URI to) {
        boolean isEncrypted = "https".equals(to.getScheme());
        boolean wasPlain = "http".equals(from.getScheme()) && "http".equals(to.getScheme());
        return to.getHost() != null && (isEncrypted || wasPlain);
    }

    private static InputStream body(HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() / 100 != 2) {
            response.body().close();
            throw new HttpStatusException(response.statusCode(), response.headers());
        }
        return response.body();
    }

    private <T> T retrying(Attempt<T> attempt) throws IOException {
        for (int attempts = 1; ; attempts++) {
            Duration pause = patience.backOff().multipliedBy(1L << (attempts - 1));
            try {
                return attempt.run();
            } catch (HttpStatusException e) {
                if (attempts == ATTEMPTS || !e.isTransient() || e.retryAfter().compareTo(patience.longestWait()) > 0) {
                    throw e;
                }
                pause = e.retryAfter().compareTo(pause) > 0 ? e.retryAfter() : pause;
            } catch (IOException e) {
                if (attempts == ATTEMPTS || isUnreachable(e)) {
                    throw e;
                }
            }
            sleep(pause);
        }
    }

    /** Whether the request failed because no connection could be made. */
    static boolean isUnreachable(IOException e) {
        return e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("the download was interrupted", e);
    }

    private <T> T await(Future<T> answer) throws IOException {
        try {
            return answer.get(patience.silence().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("nothing came for " + patience.silence().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        readers.shutdownNow();
    }

    /** Attempt of a request, which may be made again. */
    private interface Attempt<T> {

        T run() throws IOException;
    }
}
