package org.rlvr4j.cli.download;

import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.screen.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The command {@code download}. On standard output it prints only the path of the download, for use in scripts. */
@Command(
        name = "download",
        description = "Fetches checkpoints and problems from their public homes, and prints where they are.",
        footer = {
            "",
            "Repositories lie in the cache that Hugging Face's tools share, and what is there is not fetched again.",
            "A saved login is used as they use it, and HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH,",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN and HF_HUB_OFFLINE mean what they mean there."
        },
        mixinStandardHelpOptions = true)
public final class DownloadCommand {

    @Option(
            names = "--quiet",
            description = "shows no progress: only the path, warnings and errors",
            scope = ScopeType.INHERIT)
    private boolean quiet;

    private final Map<String, String> environment;
    private final Path home;
    private final Patience patience;
    private final PrintStream out;
    private final Screen screen;

    /** Creates the command with the environment, home folder, standard output and standard error of this process. */
    public DownloadCommand() {
        this(
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                Patience.USUAL,
                System.out,
                Screen.standardError());
    }

    DownloadCommand(Map<String, String> environment, Path home, Patience patience, PrintStream out, Screen screen) {
        this.environment = environment;
        this.home = home;
        this.patience = patience;
        this.out = out;
        this.screen = screen;
    }

    @Command(
            description = "A model: configuration, tokenizer and safetensors, unless --file says otherwise.",
            mixinStandardHelpOptions = true)
    int model(
            @Parameters(paramLabel = "ORG/NAME", description = "the repository") String name,
            @Option(
                            names = "--revision",
                            paramLabel = "REVISION",
                            description = "branch, tag or commit (default: ${DEFAULT-VALUE})",
                            defaultValue = "main")
                    String revision,
            @Option(names = "--file", paramLabel = "PATTERN", description = "which files, such as '*.json'") @Nullable
                    List<String> patterns) {
        return snapshot(new Repository(Repository.Kind.MODEL, name, revision), patterns);
    }

    @Command(
            description = "A data set: Parquet and JSON Lines, unless --file says otherwise.",
            mixinStandardHelpOptions = true)
    int dataset(
            @Parameters(paramLabel = "ORG/NAME", description = "the repository") String name,
            @Option(
                            names = "--revision",
                            paramLabel = "REVISION",
                            description = "branch, tag or commit (default: ${DEFAULT-VALUE})",
                            defaultValue = "main")
                    String revision,
            @Option(names = "--file", paramLabel = "PATTERN", description = "which files, such as 'data/test-*'")
                    @Nullable
                    List<String> patterns) {
        return snapshot(new Repository(Repository.Kind.DATASET, name, revision), patterns);
    }

    @Command(
            description = "MATH-500, AMC-23, AIME-24 and AIME-25 as DCPO's authors publish them, and GSM8K.",
            mixinStandardHelpOptions = true)
    int problems(
            @Option(names = "--to", paramLabel = "FOLDER", description = "where to (default: ~/.cache/rlvr4j/problems)")
                    @Nullable
                    Path folder) {
        Path to = folder == null
                ? HubSettings.cacheHome(environment, home).resolve("rlvr4j/problems")
                : folder.toAbsolutePath().normalize();
        return run(hub -> {
            for (PinnedFile file : PinnedFile.problems()) {
                file.fetch(to.resolve(file.file().path()), hub.settings(), hub.transport(), screen());
            }
            return to;
        });
    }

    @Command(description = "A file from anywhere, if its content is the expected one.", mixinStandardHelpOptions = true)
    int file(
            @Parameters(paramLabel = "URL", description = "where it is") URI from,
            @Option(names = "--sha256", paramLabel = "HEX", description = "of its content", required = true)
                    String sha256,
            @Option(names = "--to", paramLabel = "FILE", description = "where to", required = true) Path to) {
        var checksum = new Checksum(Checksum.Kind.SHA256, sha256);
        Path place = to.toAbsolutePath().normalize();
        String name = Objects.toString(place.getFileName(), "");
        var file = new PinnedFile(from, new RemoteFile(name, RemoteFile.UNKNOWN, checksum));
        return run(hub -> {
            file.fetch(place, hub.settings(), hub.transport(), screen());
            return place;
        });
    }

    private Screen screen() {
        return quiet ? Screen.silent() : screen;
    }

    private int snapshot(Repository repository, @Nullable List<String> patterns) {
        Selection selection = Selection.of(repository.kind(), patterns == null ? List.of() : patterns);
        return run(hub -> hub.snapshot(repository, selection));
    }

    private int run(Function<Hub, Path> download) {
        HubSettings settings = HubSettings.of(environment, home);
        try (var transport = new Transport(settings.endpoint(), settings.login(), patience)) {
            out.println(download.apply(new Hub(settings, transport, screen())));
        }
        return 0;
    }
}
