package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the final answer of a text that need not have a box.
 *
 * <p>In this order: what is said to be the final answer, or the last boxes, whichever comes later; a number at the end; the
 * last formulas; all of a short text; what is said to be the answer; the last number; the first letter of a choice.
 */
final class TextAnswer {

    private static final String NUMBER = "[-\u2212]?(?:\\d[\\d,]*(?:\\.\\d+)?|\\.\\d+)(?:/\\d+)?\\s?%?";
    private static final Pattern END = Pattern.compile("(?i)\\.?\\s*I hope it is correct|<\\|\\w+\\|>");
    private static final Pattern FINAL = Pattern.compile(
            "(?i)final answer(?: is|:)*\\s*(?:the final answer is)?:?\\s*(?!.*final answer)", Pattern.DOTALL);
    private static final Pattern BOX = Pattern.compile("\\\\boxed\\s*(?=\\{)");
    private static final Pattern MARKUP = Pattern.compile("\\\\[()\\[\\]]|\\\\q?quad|\\\\text|[${}\\s\\\\]+");
    private static final Pattern CONNECTION =
            Pattern.compile("(?i)[\\s,;&]*|(?=.*\\b(?:and|or)\\b)[^.\\s]*(?: [^.\\s]+){0,4} ?");
    private static final Pattern FORMULA = Pattern.compile(
            "\\$\\$(.+?)\\$\\$|(?<!\\\\)\\$([^\n]+?)(?<!\\\\)\\$|\\\\\\[(.+?)\\\\]|\\\\\\(([^\n]+?)\\\\\\)",
            Pattern.DOTALL);

    /** What looks like a formula in a line but is broken over several. */
    private static final Pattern BROKEN =
            Pattern.compile("(?<![$\\\\])\\$\\s*\n[^$]*\n\\s*\\$(?!\\$)|\\\\\\(\\s*\n[^$]*\n\\s*\\\\\\)");

    /** A sentence at the end, without a formula, that draws the conclusion. */
    private static final Pattern CONCLUSION = Pattern.compile("(?i)(?:therefore|thus|hence),? ([^$\\\\]*)$");

    private static final Pattern STATED = Pattern.compile("(?i:answer)\\s*(?i:is|:)+\\s*\\(?([A-J])\\b");
    private static final Pattern NUMBER_AT_END =
            Pattern.compile("(?:\\bis|=|:)[\\s*]*(%s)[\\s*.)]*$".formatted(NUMBER));
    private static final Pattern SAID = Pattern.compile(
            "(?i)(?:answer|r\u00e9ponse|\u7b54\u6848)\\s*(?:is|est|:|\u662f)*\\s*(?!.*answer)(\\S.*)", Pattern.DOTALL);
    private static final Pattern CHOICE = Pattern.compile("(?<![A-Za-z])\\(?([A-HJ])\\)?(?![A-Za-z'])");
    private static final Pattern LAST_NUMBER = Pattern.compile("(%s)(?!.*\\d)".formatted(NUMBER), Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("(?<![\\\\\\p{L}])\\p{L}{2,}");

    /** What may be an answer by itself: ASCII that does not begin with a word before a number. */
    private static final Pattern FORMAL = Pattern.compile("(?!\\p{Alpha}{4,}\\W.*\\d)\\p{ASCII}*", Pattern.DOTALL);

    private static final Pattern DECIMAL_COMMA = Pattern.compile("^(\\D*\\d+),(\\d\\d|(?<=\\b0,)\\d+)(?![\\d,])");
    private static final int MANY_WORDS = 3;

    private TextAnswer() {}

    static String of(String text) {
        Matcher end = END.matcher(text);
        int last = end.results().mapToInt(MatchResult::start).reduce(text.length(), (a, b) -> b);
        String said = text.substring(0, last);
        Matcher cue = FINAL.matcher(said);
        int box = said.lastIndexOf("\\boxed");
        if (cue.find() && cue.end() < said.length() && cue.end() > box) {
            return withoutBox(said.substring(cue.end()));
        }
        return box >= 0 ? boxes(said) : withoutBox(said);
    }

    private static String withoutBox(String text) {
        Matcher number = NUMBER_AT_END.matcher(text);
        boolean sentences = WORD.matcher(text).results().count() >= MANY_WORDS
                || !FORMAL.matcher(text).matches();
        if (sentences && number.find()) {
            return decimal(number.group(1));
        }
        String formulas = formulas(text);
        Matcher conclusion = CONCLUSION.matcher(text);
        if (sentences && conclusion.find()) {
            return ofSentences(conclusion.group(1));
        }
        if (!formulas.isEmpty() || BROKEN.matcher(text).find()) {
            return formulas;
        }
        return sentences ? ofSentences(text) : decimal(text);
    }

    private static String ofSentences(String text) {
        Matcher stated = STATED.matcher(text);
        if (stated.find()) {
            return stated.group(1);
        }
        Matcher said = SAID.matcher(text);
        String end = said.find() ? said.group(1) : text;
        Matcher number = LAST_NUMBER.matcher(end);
        if (number.find()) {
            return decimal(number.group(1));
        }
        Matcher choice = CHOICE.matcher(end);
        return choice.find() ? choice.group(1) : end;
    }

    /** In a text, unlike in a formula, a comma without a space before the last two digits is a decimal one. */
    private static String decimal(String number) {
        return DECIMAL_COMMA.matcher(number).replaceFirst("$1.$2");
    }

    /** The contents of the last boxes, as a list if only a few words are between them. */
    private static String boxes(String text) {
        var contents = new ArrayList<String>();
        int end = 0;
        for (MatchResult box : BOX.matcher(text).results().toList()) {
            if (box.start() < end) {
                continue; // a box in a box
            }
            String between = text.substring(end, box.start());
            boolean apart = between.contains("$$");
            if (apart
                    || !CONNECTION
                            .matcher(MARKUP.matcher(between).replaceAll(" ").strip())
                            .matches()) {
                contents.clear();
            }
            end = closing(text, box.end());
            contents.add(text.substring(box.end() + 1, end));
            end = Math.min(end + 1, text.length());
        }
        return contents.isEmpty()
                ? text.substring(text.lastIndexOf("\\boxed") + "\\boxed".length())
                : String.join(" ; ", contents);
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return text.length();
    }

    /** The last formulas, as a list if only a few words are between them; empty if there are none. */
    private static String formulas(String text) {
        List<String> formulas = new ArrayList<>();
        int end = 0;
        for (MatchResult formula : FORMULA.matcher(text).results().toList()) {
            String between = text.substring(end, formula.start()).strip();
            if (!CONNECTION.matcher(between).matches()) {
                formulas.clear();
            }
            end = formula.end();
            for (int group = 1; group <= formula.groupCount(); group++) {
                Optional.ofNullable(formula.group(group)).ifPresent(formulas::add);
            }
        }
        return String.join(" ; ", formulas);
    }
}
