package org.rlvr4j.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.report.Table;
import picocli.CommandLine.Command;

/** The command {@code devices}. */
@Command(
        name = "devices",
        description = "Lists what --device takes, and what stands against it.",
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        System.out.print(new Table("", List.of("--device", "what it is"), Device.all()).toText());
        return 0;
    }
}
