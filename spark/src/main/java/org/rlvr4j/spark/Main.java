package org.rlvr4j.spark;

import java.util.ArrayList;
import java.util.List;

/** The command {@code rlvr4j} as spark-submit starts it: with the executors of the session as its workers. */
public final class Main {

    private Main() {}

    /**
     * Runs the command.
     *
     * @param args arguments of {@code rlvr4j}, such as {@code ablate tiny.yaml}
     */
    public static void main(String[] args) {
        List<String> all = new ArrayList<>(List.of(args));
        if (all.stream().noneMatch(argument -> argument.startsWith("--workers"))) {
            all.add("--workers=spark");
        }
        org.rlvr4j.cli.Main.main(all.toArray(String[]::new));
    }
}
