package org.rlvr4j.model.text;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Canonical ordering of long runs of combining marks, for which the JDK's normaliser takes quadratic time. */
final class CombiningMarks {

    private static final Pattern COMPOSED = Pattern.compile("[\\u0340\\u0341\\u0343\\u0344\\u0F73\\u0F75\\u0F81]");

    /** Rank of a mark's combining class among all classes; no entry for a starter. */
    private static final Map<Integer, Integer> CLASSES = classes();

    private CombiningMarks() {}

    static String sort(String marks) {
        var out = new StringBuilder(marks.length());
        var byClass = new TreeMap<Integer, StringBuilder>();
        String simple = COMPOSED.matcher(marks).replaceAll(mark -> Normalizer.normalize(mark.group(), Form.NFD));
        for (int mark : simple.codePoints().toArray()) {
            int combiningClass = CLASSES.getOrDefault(mark, -1);
            if (combiningClass < 0) {
                byClass.values().forEach(out::append);
                byClass.clear();
            }
            byClass.computeIfAbsent(combiningClass, _ -> new StringBuilder()).appendCodePoint(mark);
        }
        byClass.values().forEach(out::append);
        return out.toString();
    }

    /** Ranks the combining classes, which the JDK shows only by the order in which it sorts two marks. */
    private static Map<Integer, Integer> classes() {
        var byClass = new TreeMap<String, List<Integer>>((a, b) -> passes(a, b) ? 1 : passes(b, a) ? -1 : 0);
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String mark = Character.toString(c);
            if (Character.getType(c) != Character.UNASSIGNED
                    && Normalizer.isNormalized(mark, Form.NFD)
                    && (passes("\u0345", mark) || passes(mark, "\u0334"))) { // the highest class and the lowest
                byClass.computeIfAbsent(mark, _ -> new ArrayList<>()).add(c);
            }
        }
        var classes = new HashMap<Integer, Integer>();
        for (List<Integer> marks : byClass.values()) {
            int combiningClass = classes.size(); // grows from class to class
            marks.forEach(mark -> classes.put(mark, combiningClass));
        }
        return classes;
    }

    /** Whether the second of two characters comes first in canonical order. */
    private static boolean passes(String first, String second) {
        return !Normalizer.isNormalized(first + second, Form.NFD);
    }
}
