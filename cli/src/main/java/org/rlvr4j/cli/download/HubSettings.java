package org.rlvr4j.cli.download;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the environment says about the Hub, in the variables that Hugging Face's own tools read.
 *
 * @param endpoint  HF_ENDPOINT
 * @param cache     HF_HUB_CACHE, or the folder hub in HF_HOME
 * @param isOffline HF_HUB_OFFLINE
 * @param token     HF_TOKEN
 */
record HubSettings(
        URI endpoint,
        Path cache,
        boolean isOffline,
        @Nullable String token) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /** @param home the user's home folder */
    static HubSettings of(Map<String, String> environment, Path home) {
        Path hf = folder(
                environment, home, "HF_HOME", cacheHome(environment, home).resolve("huggingface"));
        return new HubSettings(
                endpoint(environment.getOrDefault("HF_ENDPOINT", "").strip()),
                folder(environment, home, "HF_HUB_CACHE", hf.resolve("hub")),
                TRUE.contains(environment.getOrDefault("HF_HUB_OFFLINE", "").toUpperCase(Locale.ROOT)),
                token(environment.getOrDefault("HF_TOKEN", "").strip()));
    }

    /** Where programs keep what they can fetch again. */
    static Path cacheHome(Map<String, String> environment, Path home) {
        return folder(environment, home, "XDG_CACHE_HOME", home.resolve(".cache"));
    }

    private static Path folder(Map<String, String> environment, Path home, String variable, Path otherwise) {
        String value = environment.getOrDefault(variable, "");
        Path folder = value.isBlank()
                ? otherwise
                : value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value);
        return folder.toAbsolutePath().normalize();
    }

    private static URI endpoint(String value) {
        String address = value.isEmpty() ? "https://huggingface.co" : value.replaceAll("/+$", "");
        if (!address.matches("https?://[^/?#@\\s]+(/[^?#@\\s]*)?")) {
            throw new IllegalArgumentException("HF_ENDPOINT is no address of the form https://HOST: " + value);
        }
        return URI.create(address);
    }

    /** A token that cannot stand in a header would be quoted in the complaint about it. */
    private static @Nullable String token(String value) {
        if (!value.matches("[\\x21-\\x7e]*")) {
            throw new IllegalArgumentException("HF_TOKEN has spaces or other characters that no token has");
        }
        return value.isEmpty() ? null : value;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Hub at " + endpoint + ", cached in " + cache + (isOffline ? ", offline" : "");
    }
}
