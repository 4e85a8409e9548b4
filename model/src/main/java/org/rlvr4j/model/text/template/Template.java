package org.rlvr4j.model.text.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Names;
import org.rlvr4j.model.text.template.syntax.Node;
import org.rlvr4j.model.text.template.syntax.Parser;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Budget;
import org.rlvr4j.model.text.template.value.Values;

/**
 * A Jinja template as Transformers renders chat templates: in a sandbox, with {@code trim_blocks}, {@code lstrip_blocks},
 * loop controls and {@code generation} blocks.
 *
 * <p>It reaches nothing but the variables it is given, takes a bounded number of steps, and becomes no larger than a bound.
 * Tags, filters and tests that are not known are refused when it is parsed, by name. Threads may share a template.
 *
 * @see <a href="https://jinja.palletsprojects.com/en/stable/templates/">Jinja, Template Designer Documentation</a>
 */
public final class Template {

    private static final Names NAMES = new Names(Filters.names(), Filters.UNSUPPORTED, Tests.NAMES);

    private final List<Node> nodes;

    private Template(List<Node> nodes) {
        this.nodes = nodes;
    }

    /**
     * Parses a template.
     *
     * @param source source of the template, in Jinja
     * @throws TemplateException if it is wrong, or uses what is not supported
     */
    public static Template parse(String source) {
        return new Template(shallow(() -> Parser.parse(source, NAMES)));
    }

    /**
     * The text of a template.
     *
     * @param variables text, numbers, truth values, lists, maps and null, at any depth
     * @param clock     what {@code strftime_now} reads
     * @throws TemplateException if it fails, raises an exception, or takes too many steps or too much memory
     */
    public String render(Map<String, ?> variables, Clock clock) {
        return render(variables, clock, null);
    }

    /**
     * The text of a template, with the places that its {@code generation} blocks wrote.
     *
     * @param variables text, numbers, truth values, lists, maps and null, at any depth
     * @param clock     what {@code strftime_now} reads
     * @throws TemplateException if it fails, raises an exception, takes too many steps or too much memory, or has a
     *                           {@code generation} block in a macro or another block whose text is written later
     */
    public Marked renderMarked(Map<String, ?> variables, Clock clock) {
        var marks = new Marks();
        String text = render(variables, clock, marks);
        return new Marked(text, marks.spans());
    }

    /**
     * Text with marked places.
     *
     * @param text  rendered text
     * @param spans marked places, in the order of the text
     */
    public record Marked(String text, List<Span> spans) {

        public Marked {
            spans = List.copyOf(spans);
        }
    }

    /**
     * Place in a text.
     *
     * @param from index of its first character
     * @param to   index behind its last character
     */
    public record Span(int from, int to) {}

    private String render(Map<String, ?> variables, Clock clock, @Nullable Marks marks) {
        return shallow(() -> Budget.limited(() -> {
            Scope given = Globals.scope(clock).inner();
            variables.forEach((name, value) -> given.set(name, Values.of(value)));
            return new Interpreter(marks).whole(nodes, given.inner());
        }));
    }

    private static <T> T shallow(Supplier<T> work) {
        try {
            return work.get();
        } catch (StackOverflowError e) {
            throw new TemplateException("its values are nested too deep"); // lists of lists, by a loop
        }
    }
}
