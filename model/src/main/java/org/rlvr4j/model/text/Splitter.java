package org.rlvr4j.model.text;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.rlvr4j.model.Json;

/**
 * Cuts a text into words, none of which a token crosses: what a regular expression matches, and what is between. Its
 * work is counted in characters looked at, since an expression may be one that looks at each of them very often.
 */
final class Splitter {

    private static final long LOOKS = 1_000; // at a character; published patterns need a few

    private final Path file;
    private final Pattern pattern;

    /** @param file that has the pattern, for errors */
    Splitter(Path file, String regex) {
        this.file = file;
        try {
            pattern = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException e) {
            throw cannotSplit(regex, e.getDescription(), e);
        } catch (StackOverflowError e) {
            throw cannotSplit(regex, "it is nested too deep", e);
        }
    }

    /** Passes on all of a text, word by word. */
    void split(char[] text, Words words) {
        Matcher matcher = pattern.matcher(new Text(text));
        int done = 0;
        while (find(matcher)) {
            if (matcher.start() > done) {
                words.word(done, matcher.start());
            }
            if (matcher.end() > matcher.start()) {
                words.word(matcher.start(), matcher.end());
            }
            done = matcher.end();
        }
        if (done < text.length) {
            words.word(done, text.length);
        }
    }

    private boolean find(Matcher matcher) {
        try {
            return matcher.find();
        } catch (IllegalStateException | StackOverflowError e) {
            throw cannotSplit(pattern.pattern(), "it takes more than " + LOOKS + " steps per character", e);
        }
    }

    private IllegalArgumentException cannotSplit(String regex, String why, Throwable e) {
        return new IllegalArgumentException(
                file + ": cannot split by the pattern " + Json.shown(regex) + ": " + Json.shown(why), e);
    }

    /** Receives the word {@code text[from..to)}. */
    @FunctionalInterface
    interface Words {

        void word(int from, int to);
    }

    /** Characters that may be looked at so many times. */
    private static final class Text implements CharSequence {

        private final char[] chars;
        private long looks;

        Text(char[] chars) {
            this.chars = chars;
            this.looks = LOOKS * (chars.length + 10);
        }

        @Override
        public char charAt(int i) {
            if (--looks < 0) {
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
