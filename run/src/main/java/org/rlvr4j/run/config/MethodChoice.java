package org.rlvr4j.run.config;

import java.util.Map;
import java.util.TreeMap;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.Change;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Preset;
import org.rlvr4j.tensor.Require;

/**
 * Method choice: a published method, with changes on some axes.
 *
 * @param name      name in tables and of the folder: letters, digits, and the signs {@code _ + . -}
 * @param algorithm published method that the changes are applied to
 * @param preset    source of the published method's settings: the paper, or one that DCPO's authors published
 * @param change    change by axis: a word, which is a tag or an algorithm whose choice under the preset is used; or
 *                  settings, with the word as {@code kind} if it changes too
 */
public record MethodChoice(String name, Method.Algorithm algorithm, Preset preset, Map<Axis, Change> change) {

    /** @throws IllegalArgumentException if the name has other signs, or a choice does not exist or cannot be combined */
    public MethodChoice {
        Require.that(
                name.matches("[\\w+.-]+"),
                "a method's name is one word, which names a folder, not \"" + ConfigProblem.shortened(name) + "\"");
        Method _ = method(algorithm, preset, change);
    }

    /** The published method with the changes applied. */
    public Method method() {
        return method(algorithm, preset, change);
    }

    private static Method method(Method.Algorithm algorithm, Preset preset, Map<Axis, Change> change) {
        Method method = preset.of(algorithm);
        for (Map.Entry<Axis, Change> choice : new TreeMap<>(change).entrySet()) { // DDOF after ADVANTAGE
            method = choice.getKey().changed(method, choice.getValue(), preset);
        }
        return method.checked();
    }
}
