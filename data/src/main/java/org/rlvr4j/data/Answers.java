package org.rlvr4j.data;

import java.math.BigDecimal;

/** Numbers as the text of an answer. */
final class Answers {

    private Answers() {}

    /** A finite number in digits, never in the notation of powers of ten, which no grader reads: 10000000.0, not 1.0E7. */
    static String plain(Number number) {
        String text = number.toString();
        return text.indexOf('E') < 0 ? text : new BigDecimal(text).toPlainString();
    }
}
