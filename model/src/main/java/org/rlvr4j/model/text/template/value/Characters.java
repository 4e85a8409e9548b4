package org.rlvr4j.model.text.template.value;

import java.util.stream.IntStream;
import org.rlvr4j.model.text.template.syntax.Chars;

/** Classes of characters, as the methods of Python's text that begin with {@code is} ask for them. */
public final class Characters {

    private Characters() {}

    /**
     * Whether a text is what a method says.
     *
     * @param name method of Python's text, such as {@code isalpha}
     */
    public static boolean are(String text, String name) {
        int[] characters = text.codePoints().toArray();
        return switch (name) {
            case "isascii" -> all(characters, c -> c < 0x80);
            case "isprintable" -> all(characters, Strings::isPrintable);
            case "isspace" -> text.length() > 0 && all(characters, Chars::isSpace);
            case "isalpha" -> text.length() > 0 && all(characters, Character::isLetter);
            case "isdecimal" -> text.length() > 0 && all(characters, Character::isDigit);
            case "isdigit" -> text.length() > 0 && all(characters, Characters::isDigit);
            case "isnumeric" -> text.length() > 0 && all(characters, Characters::isNumeric);
            case "isalnum" -> text.length() > 0 && all(characters, c -> Character.isLetter(c) || isNumeric(c));
            case "islower" -> isCased(characters, Character::isLowerCase);
            case "isupper" -> isCased(characters, Character::isUpperCase);
            case "isidentifier" ->
                text.length() > 0
                        && (Character.isUnicodeIdentifierStart(characters[0]) || characters[0] == '_')
                        && all(
                                characters,
                                c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
            default -> isTitle(characters);
        };
    }

    private static boolean all(int[] characters, java.util.function.IntPredicate predicate) {
        return IntStream.of(characters).allMatch(predicate);
    }

    private static boolean isDigit(int c) {
        return Character.isDigit(c)
                || c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || (c >= 0x2070 && c <= 0x2089 && Character.getType(c) == Character.OTHER_NUMBER)
                || (c >= 0x2460 && c <= 0x2468);
    }

    private static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean isCased(int[] characters, java.util.function.IntPredicate wanted) {
        boolean any = false;
        for (int c : characters) {
            if (Strings.isCased(c)) {
                if (!wanted.test(c)) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }

    private static boolean isTitle(int[] characters) {
        boolean any = false;
        boolean inside = false;
        for (int c : characters) {
            boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if ((upper && inside) || (!upper && Character.isLowerCase(c) && !inside)) {
                return false;
            }
            inside = Strings.isCased(c);
            any |= inside;
        }
        return any;
    }
}
