package org.rlvr4j.cli;

import java.util.Map;
import java.util.TreeMap;

/**
 * Whole numbers on the command line of the programs that try what a run withstands, such as {@code --kills 200}.
 *
 * @param values by name
 */
record Options(Map<String, Integer> values) {

    /** @param defaults of all options there are */
    static Options of(String[] args, Map<String, Integer> defaults) {
        var values = new TreeMap<>(defaults);
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].replaceFirst("^--", "");
            if (!defaults.containsKey(name) || i + 1 == args.length || !args[i + 1].matches("\\d{1,9}")) {
                System.err.println("there is no option " + args[i]
                        + " of that value; all options, with their defaults: " + new TreeMap<>(defaults));
                System.exit(2);
            }
            values.put(name, Integer.valueOf(args[i + 1]));
        }
        return new Options(values);
    }

    int get(String name) {
        Integer value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }
}
