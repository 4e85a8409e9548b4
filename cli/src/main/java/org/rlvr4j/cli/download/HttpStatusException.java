package org.rlvr4j.cli.download;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Set;

/** Failure of a request that the server answered with an error status. */
final class HttpStatusException extends IOException {

    private static final long serialVersionUID = 1;
    private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

    private final int status;
    private final String code;
    private final Duration retryAfter;

    HttpStatusException(int status, HttpHeaders headers) {
        super("the server answers with status " + status);
        this.status = status;
        this.code = headers.firstValue("X-Error-Code").orElse("");
        this.retryAfter = headers.firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,9}")) // it may also be a date, which no Hub sends
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(Duration.ZERO);
    }

    int status() {
        return status;
    }

    /** Error code of the Hub, such as {@code GatedRepo}; empty if there is none. */
    String code() {
        return code;
    }

    /** Time after which the server allows another attempt; zero if it does not say. */
    Duration retryAfter() {
        return retryAfter;
    }

    /** Whether another attempt can succeed. */
    boolean isTransient() {
        return TRANSIENT.contains(status);
    }
}
