package org.rlvr4j.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Byte alphabet: the printable character with which {@code tokenizer.json} spells each byte.
 *
 * @see <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">bytes_to_unicode of GPT-2</a>
 */
final class ByteAlphabet {

    private static final char[] CHARS = new char[256];
    private static final int[] BYTES = new int[512]; // by character; -1 for a character that spells no byte

    static {
        Arrays.fill(BYTES, -1);
        char free = 256;
        for (int b = 0; b < CHARS.length; b++) {
            boolean printable = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
            CHARS[b] = printable ? (char) b : free++;
            BYTES[CHARS[b]] = b;
        }
    }

    private ByteAlphabet() {}

    /** The spelling of a byte, from 0 to 255. */
    static String spell(int b) {
        return String.valueOf(CHARS[b]);
    }

    /** The spelling of bytes. */
    static String spell(byte[] bytes) {
        var chars = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            chars[i] = CHARS[Byte.toUnsignedInt(bytes[i])];
        }
        return new String(chars);
    }

    /** The bytes that a token spells in this alphabet, or its UTF-8 if it has other characters. */
    static byte[] bytes(String token) {
        var bytes = new ByteArrayOutputStream(token.length());
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes.write(BYTES[c]);
        }
        return bytes.toByteArray();
    }
}
