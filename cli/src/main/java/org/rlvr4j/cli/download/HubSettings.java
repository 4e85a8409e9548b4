package org.rlvr4j.cli.download;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the Hub, from the environment variables that Hugging Face's tools read too.
 *
 * @param endpoint  address of the Hub: HF_ENDPOINT, or https://huggingface.co
 * @param cache     folder of the cache: HF_HUB_CACHE, or the folder hub in HF_HOME
 * @param isOffline whether the network must not be used: HF_HUB_OFFLINE
 * @param login     access token to send to the Hub; null for none
 */
record HubSettings(
        URI endpoint,
        Path cache,
        boolean isOffline,
        @Nullable Login login) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)\\})");

    /**
     * Reads the settings from an environment.
     *
     * @param environment environment variables
     * @param home        home folder of the user
     * @throws IllegalArgumentException if HF_ENDPOINT or a token has a wrong form, or a saved token cannot be read
     */
    static HubSettings of(Map<String, String> environment, Path home) {
        Path hf = folder(
                environment, home, "HF_HOME", cacheHome(environment, home).resolve("huggingface"));
        boolean isOffline = isTrue(environment, "HF_HUB_OFFLINE");
        boolean isAnonymous = isOffline || isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN");
        return new HubSettings(
                endpoint(environment.getOrDefault("HF_ENDPOINT", "").strip()),
                folder(environment, home, "HF_HUB_CACHE", hf.resolve("hub")),
                isOffline,
                isAnonymous
                        ? null
                        : Login.find(environment, folder(environment, home, "HF_TOKEN_PATH", hf.resolve("token"))));
    }

    private static boolean isTrue(Map<String, String> environment, String variable) {
        return TRUE.contains(environment.getOrDefault(variable, "").toUpperCase(Locale.ROOT));
    }

    /** The user's folder for caches: XDG_CACHE_HOME, or .cache in the home folder. */
    static Path cacheHome(Map<String, String> environment, Path home) {
        return folder(environment, home, "XDG_CACHE_HOME", home.resolve(".cache"));
    }

    private static Path folder(Map<String, String> environment, Path home, String variable, Path defaultFolder) {
        String value = expanded(environment.getOrDefault(variable, ""), environment);
        Path folder = value.isBlank()
                ? defaultFolder
                : value.equals("~") || value.startsWith("~/")
                        ? home.resolve(value.substring(Math.min(2, value.length())))
                        : Path.of(value);
        return folder.toAbsolutePath().normalize();
    }

    /** A path with the values of the variables that it names, as {@code $NAME} or <code>${NAME}</code>, if they are set. */
    private static String expanded(String path, Map<String, String> environment) {
        return VARIABLE.matcher(path).replaceAll(match -> {
            String name = match.group(1) == null ? match.group(2) : match.group(1);
            return Matcher.quoteReplacement(environment.getOrDefault(name, match.group()));
        });
    }

    private static URI endpoint(String value) {
        String address = value.isEmpty() ? "https://huggingface.co" : value.replaceAll("/+$", "");
        if (!address.matches("https?://[^/?#@\\s]+(/[^?#@\\s]*)?")) {
            throw new IllegalArgumentException("HF_ENDPOINT is no address of the form https://HOST: " + value);
        }
        return URI.create(address);
    }

    /** The settings as text, without the token. */
    @Override
    public String toString() {
        return "Hub at " + endpoint + ", cached in " + cache + (isOffline ? ", offline" : "");
    }
}
