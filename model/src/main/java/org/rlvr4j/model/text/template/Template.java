package org.rlvr4j.model.text.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
        return shallow(() -> Budget.limited(() -> {
            Scope given = Globals.scope(clock).inner();
            variables.forEach((name, value) -> given.set(name, Values.of(value)));
            return new Interpreter().text(nodes, given.inner());
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
