package org.rlvr4j.model;

import java.nio.CharBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Cuts a text into words, none of which a token crosses: what a regular expression matches, and what is between. */
final class Splitter {

    private final Pattern pattern;

    Splitter(String regex) {
        try {
            pattern = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("cannot split by the pattern " + regex + ": " + e.getDescription(), e);
        }
    }

    /** Passes on all of a text, word by word. */
    void split(char[] text, Words words) {
        Matcher matcher = pattern.matcher(CharBuffer.wrap(text));
        int done = 0;
        while (matcher.find()) {
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

    /** Receives the word {@code text[from..to)}. */
    @FunctionalInterface
    interface Words {

        void word(int from, int to);
    }
}
