package org.rlvr4j.model.text;

import java.text.Normalizer;
import java.util.regex.Pattern;

/** Normal form C of Unicode, as models saw it in training. */
final class NormalForm {

    /**
     * Reordering or composing characters that Unicode 10 to 16 added. The tables of Hugging Face's tokenizers are older and
     * leave these characters where they are, as they do any unassigned one.
     */
    private static final Pattern UNKNOWN = Pattern.compile("[\\u07FD\\u0897-\\u08D3\\u09FE\\u0C3C\\u0D3B\\u0D3C\\u0EBA"
        + "\\u1715\\u1ABF-\\u1ACE\\u1DF6-\\u1DFA\\uA82C\\x{105C9}-\\x{105E4}\\x{10D24}-\\x{10F85}\\x{11070}\\x{1133B}"
        + "\\x{11382}-\\x{113D0}\\x{1145E}\\x{11839}-\\x{11A99}\\x{11D42}-\\x{11F42}\\x{1611E}-\\x{1612F}"
        + "\\x{16D63}-\\x{16FF1}\\x{1E08F}-\\x{1E5EF}]");

    private static final Pattern MANY_MARKS = Pattern.compile("\\p{M}{100,}+");

    private static final char FIRST_COMBINING = 0x300;

    private NormalForm() {}

    static String compose(String text) {
        var out = new StringBuilder(text.length());
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= FIRST_COMBINING) {
                int from = Math.max(i - 1, copied); // the character before may combine with this one
                while (i < text.length() && text.charAt(i) >= FIRST_COMBINING) {
                    i++;
                }
                out.append(text, copied, from);
                composeRun(text.substring(from, i), out);
                copied = i;
            }
        }
        return copied == 0 ? text : out.append(text, copied, text.length()).toString();
    }

    private static void composeRun(String run, StringBuilder out) {
        for (String part : UNKNOWN.splitWithDelimiters(run, -1)) { // alone, an unknown character stays as it is
            String sorted = MANY_MARKS.matcher(part).replaceAll(marks -> CombiningMarks.sort(marks.group()));
            out.append(Normalizer.normalize(sorted, Normalizer.Form.NFC));
        }
    }
}
