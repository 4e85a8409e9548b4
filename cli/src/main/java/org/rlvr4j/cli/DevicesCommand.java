package org.rlvr4j.cli;

import java.util.LinkedHashMap;
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
                        "devices", devices.stream().map(DevicesCommand::toMap).toList()));
        return 0;
    }

    private static Map<String, String> toMap(List<String> device) {
        var map = new LinkedHashMap<String, String>();
        map.put("name", device.getFirst());
        map.put("description", device.getLast());
        return map;
    }
}
