package org.rlvr4j.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code devices}. */
@Command(
        name = "devices",
        description = "Lists what --device takes, and what stands against it.",
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {

    @Mixin
    private OutputOptions printed = new OutputOptions();

    @Override
    public Integer call() {
        List<List<String>> devices = Device.all();
        printed.print(
                () -> new Table("", List.of("--device", "what it is"), devices).toText(),
                () -> Map.of(
                        "devices",
                        devices.stream()
                                .map(device -> Map.of("name", device.getFirst(), "description", device.getLast()))
                                .toList()));
        return 0;
    }
}
