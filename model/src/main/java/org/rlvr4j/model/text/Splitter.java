package org.rlvr4j.model.text;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.rlvr4j.model.Json;

/**
 * Splitter of text into words, which no token crosses: the matches of a regular expression, and the text between them, each
 * split again by the next expression. Its work is limited by the number of characters read, since some expressions read each
 * of them very often.
 */
final class Splitter {

    private static final long MAX_READS = 1_000; // reads per character; published patterns need a few

    private final Path file;
    private final List<Pattern> patterns;

    /**
     * @param file    tokenizer file with the patterns, named in errors
     * @param regexes patterns in the order in which they split; without any, a text is one word
     */
    Splitter(Path file, List<String> regexes) {
        this.file = file;
        this.patterns = regexes.stream().map(this::compiled).toList();
    }

    private Pattern compiled(String regex) {
        try {
            return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException e) {
            throw cannotSplit(regex, e.getDescription(), e);
        } catch (StackOverflowError e) {
            throw cannotSplit(regex, "it is nested too deep", e);
        }
    }

    /** Passes a text on, word by word, without gaps. */
    void split(char[] text, Words words) {
        var limited = new Text(text);
        List<Matcher> matchers =
                patterns.stream().map(pattern -> pattern.matcher(limited)).toList();
        split(matchers, 0, text.length, words);
    }

    /** Splits {@code text[from..to)}, beyond which no pattern looks, by the first matcher and each part by the others. */
    private void split(List<Matcher> matchers, int from, int to, Words words) {
        if (from == to) {
            return;
        }
        if (matchers.isEmpty()) {
            words.word(from, to);
            return;
        }
        List<Matcher> others = matchers.subList(1, matchers.size());
        Matcher matcher = matchers.getFirst().region(from, to);
        int passedOn = from;
        while (find(matcher)) {
            split(others, passedOn, matcher.start(), words);
            split(others, matcher.start(), matcher.end(), words);
            passedOn = matcher.end();
        }
        split(others, passedOn, to, words);
    }

    private boolean find(Matcher matcher) {
        try {
            return matcher.find();
        } catch (IllegalStateException | StackOverflowError e) {
            throw cannotSplit(
                    matcher.pattern().pattern(), "it takes more than " + MAX_READS + " steps per character", e);
        }
    }

    private IllegalArgumentException cannotSplit(String regex, String why, Throwable e) {
        return new IllegalArgumentException(
                file + ": cannot split by the pattern " + Json.shown(regex) + ": " + Json.shown(why), e);
    }

    /** Consumer of words. */
    @FunctionalInterface
    interface Words {

        /** Receives the word {@code text[from..to)}. */
        void word(int from, int to);
    }

    /** Text whose characters may be read a limited number of times. */
    private static final class Text implements CharSequence {

        private final char[] chars;
        private long readsLeft;

        Text(char[] chars) {
            this.chars = chars;
            this.readsLeft = MAX_READS * (chars.length + 10);
        }

        @Override
        public char charAt(int i) {
            if (--readsLeft < 0) {
                throw new IllegalStateException();
            }
            return chars[i];
        }

        @Override
        public int length() {
            return chars.length;
        }

        @Override
        public String subSequence(int from, int to) {
            return new String(chars, from, to - from);
        }
    }
}
