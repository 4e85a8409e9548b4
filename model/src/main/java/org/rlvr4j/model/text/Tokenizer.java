package org.rlvr4j.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Tokenizer by byte-level byte-pair encoding, as a checkpoint's {@code tokenizer.json} describes it.
 *
 * <p>Text is cut at added tokens such as {@code <|im_end|>}, brought into normal form C, and split into words, whose
 * UTF-8 bytes are merged into tokens. Token ids are those of Hugging Face's tokenizers for text that a chat template
 * rendered: of what the file's post-processor puts around plain text, nothing but the beginning of a prompt has a part in it.
 * Safe for use by many threads.
 */
public final class Tokenizer {

    private final AddedTokens verbatim;
    private final AddedTokens normalized;
    private final boolean composes;
    private final Splitter splitter;
    private final BytePairs pairs;
    private final int[] beginning;
    private final Map<String, Integer> ids;
    private final byte[][] bytes; // by token id; empty where no token has the id
    private final boolean[] special;

    Tokenizer(TokenizerFile file) {
        composes = file.composes();
        verbatim = new AddedTokens(
                file.addedTokens().stream().filter(token -> !token.normalized()).toList());
        normalized = new AddedTokens(file.addedTokens().stream()
                .filter(AddedTokens.Token::normalized)
                .map(token -> composes ? token.composed() : token)
                .toList());
        splitter = file.splitter();
        pairs = file.pairs();
        beginning = file.beginning();
        ids = file.ids();
        bytes = new byte[ids.values().stream().mapToInt(id -> id + 1).max().orElse(0)][];
        Arrays.fill(bytes, new byte[0]);
        special = new boolean[bytes.length];
        ids.forEach((token, id) -> bytes[id] = ByteAlphabet.bytes(token));
        file.addedTokens().forEach(token -> special[token.id()] = token.special());
    }

    /**
     * Reads {@code tokenizer.json}.
     *
     * @param folder folder of the checkpoint
     * @throws IllegalArgumentException     if the file asks for something unsupported, which the message names
     * @throws java.io.UncheckedIOException if there is no such file
     */
    public static Tokenizer load(Path folder) {
        return new Tokenizer(TokenizerFile.read(folder.resolve("tokenizer.json")));
    }

    /**
     * Token ids of a text. An added token spelled in the text, special or not, becomes that token's id.
     *
     * @param text text to encode
     */
    public int[] encode(String text) {
        IntStream.Builder out = IntStream.builder();
        verbatim.split(
                text,
                out,
                part -> normalized.split(composes ? NormalForm.compose(part) : part, out, words -> {
                    char[] chars = words.toCharArray();
                    splitter.split(chars, (from, to) -> pairs.encode(chars, from, to, out));
                }));
        return out.build().toArray();
    }

    /**
     * Token ids of a prompt: of a text, after the tokens that the post-processor's template puts before any text, such as
     * {@code <s>}, unless the text begins with them already.
     *
     * @param text prompt to encode, as a chat template rendered it
     */
    public int[] encodePrompt(String text) {
        return begun(encode(text));
    }

    /**
     * Token ids of a text, after those that the post-processor's template puts before any text, unless they begin it
     * already.
     *
     * @param ids token ids of the text
     */
    public int[] begun(int[] ids) {
        boolean hasBegun = ids.length >= beginning.length
                && Arrays.equals(ids, 0, beginning.length, beginning, 0, beginning.length);
        return hasBegun
                ? ids
                : IntStream.concat(Arrays.stream(beginning), Arrays.stream(ids)).toArray();
    }

    /**
     * Text of token ids. Bytes that are not UTF-8 become U+FFFD, and ids without a token are skipped.
     *
     * @param ids         token ids
     * @param skipSpecial whether special tokens are left out; other added tokens never are
     */
    public String decode(int[] ids, boolean skipSpecial) {
        var utf8 = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id >= 0 && id < bytes.length && !(skipSpecial && special[id])) {
                utf8.writeBytes(bytes[id]);
            }
        }
        return text(utf8.toByteArray());
    }

    /** Decodes UTF-8 as Rust does: an encoded surrogate becomes three U+FFFD, where the JDK gives one. */
    private static String text(byte[] utf8) {
        for (int i = 0; i + 1 < utf8.length; i++) {
            if (utf8[i] == (byte) 0xed && utf8[i + 1] >= (byte) 0xa0 && utf8[i + 1] < 0) {
                utf8[i] = (byte) 0xff; // invalid wherever it stands
            }
        }
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Number of bytes of UTF-8 that a token stands for. */
    int length(int id) {
        return bytes[id].length;
    }

    /** Number of bytes of UTF-8 of a text in the form in which it is split into words. */
    int bytes(String text) {
        return (composes ? NormalForm.compose(text) : text).getBytes(StandardCharsets.UTF_8).length;
    }

    /** The highest token id plus one. A model's vocabulary may be larger. */
    public int size() {
        return bytes.length;
    }

    /**
     * The id of a token, spelled as in {@code tokenizer.json}.
     *
     * @param token text of the token
     */
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
