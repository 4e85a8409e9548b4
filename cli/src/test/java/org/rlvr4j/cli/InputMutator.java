package org.rlvr4j.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages a valid file by chance: in bytes, in words of its format, in numbers, and in how deep it is nested. */
final class InputMutator {

    private static final int LONGEST = 1 << 17; // bytes
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "1",
            "127",
            "255",
            "256",
            "65536",
            "2147483647",
            "2147483648",
            "-2147483648",
            "4294967295",
            "16777215",
            "1000000000",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "18446744073709551615",
            "1e308",
            "1e999",
            "-1e999",
            "1e-999",
            "0.1",
            "1e2147483647",
            "9".repeat(400),
            "null",
            "true",
            "\"1\"",
            "[]",
            "{}");
    private static final List<String> OPENERS = List.of(
            "[",
            "{\"a\":",
            "(",
            "{",
            "- ",
            "{% if 1 %}",
            "{{",
            "\\frac{",
            "\\sqrt[",
            "-",
            "!",
            "[[1,",
            "&a [*a,",
            "((");
    private static final int[] LENGTHS = {2, 10, 60, 300, 2_000, 20_000};

    private final SplittableRandom random;
    private final List<String> words;
    private final List<byte[]> seeds;

    /** @param words of the format, to be strewn in */
    InputMutator(SplittableRandom random, List<String> words, List<byte[]> seeds) {
        this.random = random;
        this.words = words;
        this.seeds = seeds;
    }

    byte[] mutated() {
        byte[] bytes = one(seeds);
        do {
            bytes = mutated(bytes);
        } while (random.nextBoolean() && bytes.length > 0 && bytes.length < LONGEST);
        return bytes;
    }

    private byte[] mutated(byte[] bytes) {
        return switch (random.nextInt(16)) {
            case 0, 1 -> flipped(bytes);
            case 2 -> replaced(bytes, at(bytes), at(bytes), new byte[0]); // a part removed
            case 3 -> replaced(bytes, at(bytes), bytes.length, new byte[0]); // truncated
            case 4 -> doubled(bytes);
            case 5 -> spliced(bytes);
            case 6, 7, 8 -> inserted(bytes, one(words));
            case 9, 10, 11 -> withExtremeNumber(bytes);
            case 12 -> withExtremeInteger(bytes);
            case 13 -> random.nextInt(8) == 0 ? nested(bytes) : flipped(bytes);
            case 14 -> moved(bytes);
            default -> random.nextInt(4) == 0 ? noise(bytes) : flipped(bytes);
        };
    }

    private byte[] flipped(byte[] bytes) {
        byte[] copy = bytes.clone();
        for (int i = 1 + random.nextInt(3); i > 0 && copy.length > 0; i--) {
            int at = random.nextInt(copy.length);
            copy[at] = random.nextBoolean() ? (byte) (copy[at] ^ (1 << random.nextInt(8))) : (byte) random.nextInt();
        }
        return copy;
    }

    /** A part comes a second time, or very often. */
    private byte[] doubled(byte[] bytes) {
        int from = at(bytes);
        int to = Math.min(bytes.length, from + 1 + random.nextInt(64));
        int times = Math.min(one(LENGTHS), LONGEST / Math.max(to - from, 1));
        byte[] part = slice(bytes, from, to);
        var many = new ByteArrayOutputStream();
        for (int i = 0; i < (random.nextInt(4) == 0 ? times : 1); i++) {
            many.writeBytes(part);
        }
        return replaced(bytes, from, from, many.toByteArray());
    }

    private byte[] spliced(byte[] bytes) {
        byte[] other = one(seeds);
        int from = at(other);
        return replaced(bytes, at(bytes), at(bytes), slice(other, from, Math.max(from, at(other))));
    }

    private byte[] moved(byte[] bytes) {
        int from = at(bytes);
        int to = Math.min(bytes.length, from + random.nextInt(32));
        byte[] part = slice(bytes, from, to);
        byte[] rest = replaced(bytes, from, to, new byte[0]);
        int at = at(rest);
        return replaced(rest, at, at, part);
    }

    private byte[] inserted(byte[] bytes, String word) {
        int from = at(bytes);
        int to = random.nextBoolean() ? from : Math.min(bytes.length, from + word.length());
        return replaced(bytes, from, to, word.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] withExtremeNumber(byte[] bytes) {
        List<MatchResult> numbers = NUMBER.matcher(new String(bytes, StandardCharsets.ISO_8859_1))
                .results()
                .limit(500)
                .toList();
        if (numbers.isEmpty()) {
            return inserted(bytes, one(NUMBERS));
        }
        MatchResult number = one(numbers);
        return replaced(bytes, number.start(), number.end(), one(NUMBERS).getBytes(StandardCharsets.US_ASCII));
    }

    /** Four or eight bytes, or a number as Thrift writes it, at its bounds. */
    private byte[] withExtremeInteger(byte[] bytes) {
        byte[] extreme = new byte[random.nextBoolean() ? 4 : 5 + random.nextInt(4)];
        Arrays.fill(extreme, (byte) (random.nextBoolean() ? 0xff : 0));
        extreme[extreme.length - 1] = (byte) one(new int[] {0, 1, 0x0f, 0x10, 0x7f, 0x80, 0xff});
        int at = at(bytes);
        return replaced(bytes, at, random.nextBoolean() ? at : Math.min(bytes.length, at + extreme.length), extreme);
    }

    private byte[] nested(byte[] bytes) {
        String opener = one(OPENERS);
        return inserted(bytes, opener.repeat(Math.min(one(LENGTHS), LONGEST / opener.length())));
    }

    private byte[] noise(byte[] bytes) {
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        return random.nextBoolean() ? noise : replaced(bytes, at(bytes), at(bytes), noise);
    }

    private int at(byte[] bytes) {
        return random.nextInt(bytes.length + 1);
    }

    private <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private int one(int[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /** Between two places, in whichever order they are given. */
    private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, Math.min(from, to));
        out.writeBytes(by);
        out.write(bytes, Math.max(from, to), bytes.length - Math.max(from, to));
        return out.toByteArray();
    }
}
