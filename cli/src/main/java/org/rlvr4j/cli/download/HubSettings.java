package org.rlvr4j.cli.download;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the Hub, from the environment variables that Hugging Face's tools read too.
 *
 * @param endpoint  address of the Hub: HF_ENDPOINT, or https://huggingface.co
 * @param cache     folder of the cache: HF_HUB_CACHE, or the folder hub in HF_HOME
 * @param isOffline whether the network must not be used: HF_HUB_OFFLINE
 * @param token     access token: HF_TOKEN; null for none
 */
record HubSettings(
        URI endpoint,
        Path cache,
        boolean isOffline,
        @Nullable String token) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /**
     * Reads the settings from an environment.
     *
     * @param environment environment variables
     * @param home        home folder of the user
     * @throws IllegalArgumentException if HF_ENDPOINT or HF_TOKEN has a wrong form
     */
    static HubSettings of(Map<String, String> environment, Path home) {
        Path hf = folder(
                environment, home, "HF_HOME", cacheHome(environment, home).resolve("huggingface"));
        return new HubSettings(
                endpoint(environment.getOrDefault("HF_ENDPOINT", "").strip()),
                folder(environment, home, "HF_HUB_CACHE", hf.resolve("hub")),
                TRUE.contains(environment.getOrDefault("HF_HUB_OFFLINE", "").toUpperCase(Locale.ROOT)),
                token(environment.getOrDefault("HF_TOKEN", "").strip()));
    }

    /** The user's folder for caches: XDG_CACHE_HOME, or .cache in the home folder. */
    static Path cacheHome(Map<String, String> environment, Path home) {
        return folder(environment, home, "XDG_CACHE_HOME", home.resolve(".cache"));
    }

    private static Path folder(Map<String, String> environment, Path home, String variable, Path defaultFolder) {
        String value = environment.getOrDefault(variable, "");
        Path folder = value.isBlank()
                ? defaultFolder
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

    /** Checks the token, as the HTTP client would quote a token in its error if it cannot be part of a header. */
    private static @Nullable String token(String value) {
        if (!value.matches("[\\x21-\\x7e]*")) {
            throw new IllegalArgumentException("HF_TOKEN has spaces or other characters that no token has");
        }
        return value.isEmpty() ? null : value;
    }

    /** The settings as text, without the token. */
    @Override
    public String toString() {
        return "Hub at " + endpoint + ", cached in " + cache + (isOffline ? ", offline" : "");
    }
}
