package org.rlvr4j.rl;

import java.util.LinkedHashMap;
import java.util.Map;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.AnyOfK;

/** Every method there is to test, by name, fit for groups of three responses or more. */
final class Methods {

    private Methods() {}

    /** The published methods, by each preset that has them. */
    static Map<String, Method> published() {
        var methods = new LinkedHashMap<String, Method>();
        for (Algorithm algorithm : Algorithm.values()) {
            for (Preset preset : Preset.values()) {
                if (preset == Preset.PAPER || algorithm.hasScript()) {
                    methods.put(algorithm + " " + preset, fit(preset.of(algorithm)));
                }
            }
        }
        return methods;
    }

    /** GRPO with each kind of each axis. */
    static Map<String, Method> kinds() {
        var methods = new LinkedHashMap<String, Method>();
        for (Axis axis : Axis.values()) {
            for (String kind : axis.choices()) {
                Method method = axis.changed(Algorithm.GRPO.paper(), kind, Preset.PAPER);
                methods.put("GRPO, " + axis + " " + kind, fit(method));
            }
        }
        return methods;
    }

    /** The published methods and the kinds, each method once. */
    static Map<String, Method> all() {
        var methods = new LinkedHashMap<String, Method>();
        var seen = new LinkedHashMap<Method, String>();
        published().forEach((name, method) -> seen.putIfAbsent(method, name));
        kinds().forEach((name, method) -> seen.putIfAbsent(method, name));
        seen.forEach((method, name) -> methods.put(name, method));
        return methods;
    }

    private static Method fit(Method method) {
        return method.advantage() instanceof AnyOfK ? method.with(new AnyOfK(2)) : method;
    }
}
