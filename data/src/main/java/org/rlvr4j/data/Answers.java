package org.rlvr4j.data;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ground truths as the text of answers. */
final class Answers {

    private Answers() {}

    /** A finite number in digits, never in the notation of powers of ten, which no grader reads: 10000000.0, not 1.0E7. */
    static String plain(Number number) {
        String text = number.toString();
        return text.indexOf('E') < 0 ? text : new BigDecimal(text).toPlainString();
    }

    /** Whether a truth is one structured answer, to be given as JSON: a map, or a list of more than plain values. */
    static boolean isStructured(@Nullable Object truth) {
        return truth instanceof Map<?, ?>
                || (truth instanceof List<?> items
                        && items.stream().anyMatch(item -> item instanceof Map<?, ?> || item instanceof List<?>));
    }
}
