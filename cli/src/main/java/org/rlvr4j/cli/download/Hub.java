package org.rlvr4j.cli.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.rlvr4j.cli.screen.Progress;
import org.rlvr4j.cli.screen.Screen;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Client of the Hugging Face Hub, which downloads repositories into the cache.
 *
 * @param settings  endpoint, cache and login
 * @param transport HTTP client
 * @param screen    place where progress is shown
 */
record Hub(HubSettings settings, Transport transport, Screen screen) {

    private static final String LOG_IN = "set HF_TOKEN, or log in with `hf auth login`";
    private static final long MEGABYTE = 1_000_000;
    private static final String INDEX = ".safetensors.index.json";

    /**
     * Downloads the selected files of a repository, except those that are in the cache.
     *
     * @return folder with the files
     * @throws IllegalArgumentException if a required file does not exist, or there is no room or no network for it
     * @throws UncheckedIOException     if a download fails
     */
    Path snapshot(Repository repository, Selection selection) {
        var cache = new HubCache(settings.cache(), repository);
        try {
            return settings.isOffline() ? cached(cache, selection, "HF_HUB_OFFLINE is set") : current(cache, selection);
        } catch (IOException e) {
            throw new UncheckedIOException(sentence(repository, e), e);
        }
    }

    private Path current(HubCache cache, Selection selection) throws IOException {
        Listing listing;
        try {
            listing = Listing.parse(transport.read(cache.repository().listing(settings.endpoint())));
        } catch (IOException e) {
            if (Transport.isUnreachable(e)) {
                return cached(cache, selection, settings.endpoint() + " cannot be reached");
            }
            throw e;
        }
        List<RemoteFile> wanted = listing.files().stream()
                .filter(file -> selection.has(file.path()))
                .toList();
        List<String> missing =
                selection.missing(wanted.stream().map(RemoteFile::path).toList());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(cache.repository().name() + " has no file " + String.join(", ", missing)
                    + "; see " + cache.repository().page(settings.endpoint()) + "/tree/" + listing.commit());
        }
        download(cache, listing.commit(), wanted);
        cache.publish(listing.commit());
        return cache.snapshot(listing.commit());
    }

    private void download(HubCache cache, String commit, List<RemoteFile> wanted) throws IOException {
        var cachedFiles = new TreeSet<>(cache.files(commit));
        List<RemoteFile> absent = wanted.stream()
                .filter(file -> !cachedFiles.contains(file.path()))
                .toList();
        long total = 0;
        long present = 0;
        for (RemoteFile file : absent) {
            Path blob = cache.blob(file);
            total += file.size();
            present += Files.exists(blob) ? file.size() : Math.min(file.size(), Fetcher.length(blob));
        }
        if (absent.isEmpty()) {
            return;
        }
        requireSpace(cache.repository(), total - present);
        String name = cache.repository().name();
        try (var progress = new Progress(screen, name, megabytes(present), megabytes(total))) {
            long finishedBytes = 0;
            for (RemoteFile file : absent) {
                fetch(cache, commit, file, finishedBytes, progress);
                finishedBytes += file.size();
            }
        }
    }

    private void fetch(HubCache cache, String commit, RemoteFile file, long finishedBytes, Progress progress)
            throws IOException {
        String note = "MB, " + file.path();
        Path blob = cache.blob(file);
        if (!Files.exists(blob)) {
            new Fetcher(transport)
                    .fetch(
                            cache.repository().file(settings.endpoint(), commit, file.path()),
                            file,
                            blob,
                            cache.lock(file),
                            length -> progress.update(megabytes(finishedBytes + length), note));
        }
        cache.link(commit, file);
        progress.update(megabytes(finishedBytes + file.size()), note);
    }

    private void requireSpace(Repository repository, long bytes) throws IOException {
        Files.createDirectories(settings.cache());
        long free = Files.getFileStore(settings.cache()).getUsableSpace();
        if (bytes > free) {
            throw new IllegalArgumentException(repository.name() + " takes " + megabytes(bytes) + " MB, and "
                    + settings.cache() + " has " + megabytes(free)
                    + " MB left: make room, or name a larger disk's folder in HF_HOME");
        }
    }

    /** Bytes as megabytes, rounded up so that progress reaches the total. */
    private static long megabytes(long bytes) {
        return Math.ceilDiv(bytes, MEGABYTE);
    }

    private Path cached(HubCache cache, Selection selection, String why) throws IOException {
        String commit = cache.commit().orElse("none");
        List<String> files = cache.files(commit);
        var missing = new TreeSet<>(selection.missing(files));
        for (String file : files) {
            if (file.endsWith(INDEX) && selection.has(file)) {
                missing.addAll(shards(cache.snapshot(commit).resolve(file)));
            }
        }
        missing.removeAll(files);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    why + ", and of " + cache.repository().name() + " at "
                            + cache.repository().revision() + " the cache " + cache.root() + " has no "
                            + String.join(", ", missing) + ": download it once with a network");
        }
        screen.out().println(why + ", so " + cache.repository().name() + " is what the cache has");
        return cache.snapshot(commit);
    }

    private static List<String> shards(Path index) {
        try {
            JsonNode shards = new JsonMapper().readTree(index).path("weight_map");
            return shards.values().stream().map(JsonNode::asString).distinct().toList();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(index + " is not valid JSON: remove it", e);
        }
    }

    private String sentence(Repository repository, IOException e) {
        if (e instanceof HttpStatusException refusal) {
            return refusal(repository, refusal);
        }
        String reason = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return "cannot download " + repository.name() + ": " + reason
                + "; running the command again continues where it stopped";
    }

    private String refusal(Repository repository, HttpStatusException e) {
        String name = repository.name();
        if (e.code().equals("RevisionNotFound")) {
            return name + " has no revision " + repository.revision();
        }
        if (e.code().equals("GatedRepo") || e.status() == 403) {
            return name + " is gated: accept its terms at " + repository.page(settings.endpoint()) + ", and "
                    + (settings.login() == null ? LOG_IN : "set HF_TOKEN to a token of that account");
        }
        return switch (e.status()) {
            case 401, 404 ->
                "there is no " + repository.page(settings.endpoint()) + ", or it is private or gated and "
                        + (settings.login() == null
                                ? "needs a token: " + LOG_IN
                                : settings.login() + " is not accepted for it");
            case 429 ->
                "the Hub allows no more downloads for " + e.retryAfter().toSeconds()
                        + " s: run the command again later, or set HF_TOKEN for a higher limit";
            default -> "cannot download " + name + ": " + e.getMessage() + "; run the command again later";
        };
    }
}
