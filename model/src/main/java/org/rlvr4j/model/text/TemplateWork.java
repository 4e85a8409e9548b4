package org.rlvr4j.model.text;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import com.hubspot.jinjava.util.ObjectIterator;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Work of a rendering, counted and ended at a limit: a step is a node, an element of a list or 256 characters.
 * Whatever an expression combines is counted to its leaves, so that no template can build what is too large to print.
 */
final class TemplateWork {

    private static final int LIMIT = 500_000;
    private static final int DEEPEST = 50;
    private static final int CHARS = 256;
    private static final ScopedValue<TemplateWork> CURRENT = ScopedValue.newInstance();

    private long steps;

    private TemplateWork() {}

    static <T> T limited(Callable<T> render) throws Exception {
        return ScopedValue.where(CURRENT, new TemplateWork()).call(render::call);
    }

    static void spend(long more) {
        TemplateWork work = CURRENT.get();
        work.steps += more;
        if (work.steps > LIMIT) {
            throw new Stop("it takes more than " + LIMIT + " steps");
        }
    }

    /** Jinjava looks ahead from every parenthesis: its time grows with their depth, and with the square of the length. */
    static void parsed(String expression) {
        long length = 0;
        int depth = 0;
        int deepest = 0;
        char quote = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (quote != 0) {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
                continue;
            }
            length++;
            switch (c) {
                case '\'', '"' -> quote = c;
                case '(', '[', '{' -> deepest = Math.max(deepest, ++depth);
                case ')', ']', '}' -> depth--;
                default -> {}
            }
        }
        if (deepest > DEEPEST) {
            throw new Stop("its expressions are nested more than " + DEEPEST + " deep");
        }
        spend((1 + deepest) * length * length / 1024);
    }

    /** The value itself, counted. */
    static @Nullable Object counted(@Nullable Object value) {
        count(value, 0);
        return value;
    }

    private static void count(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new Stop("its lists are nested more than " + DEEPEST + " deep");
        }
        spend(value instanceof CharSequence text ? 1 + text.length() / CHARS : 1);
        switch (value) {
            case Collection<?> list -> list.forEach(element -> count(element, depth + 1));
            case Map<?, ?> map -> map.values().forEach(element -> count(element, depth + 1));
            case null, default -> {}
        }
    }

    /** Called before a node is rendered, which is where an error of an expression before it ends the rendering. */
    static void count(Node node, JinjavaInterpreter interpreter) {
        spend(1 + node.getMaster().getImage().length() / 32);
        if (!interpreter.getErrors().isEmpty()) {
            TemplateError error = interpreter.getErrors().getFirst();
            throw new Stop(error.getLineno(), error.getMessage());
        }
    }

    /** Loop tag whose rounds cost work, whatever is in them. */
    static final class Loop extends ForTag {

        private static final long serialVersionUID = 1;

        @Override
        public String renderForCollection(
                TagNode node, JinjavaInterpreter interpreter, List<String> names, Object collection) {
            spend(ObjectIterator.getLoop(collection).getLength());
            return super.renderForCollection(node, interpreter, names, collection);
        }
    }

    /** End of a rendering at its limit; an error, as Jinjava goes on after exceptions. */
    static final class Stop extends Error {

        private static final long serialVersionUID = 1;

        final int line;

        private Stop(int line, String message) {
            super(message, null, false, false);
            this.line = line;
        }

        private Stop(String message) {
            this(JinjavaInterpreter.getCurrent().getLineNumber(), message);
        }
    }
}
