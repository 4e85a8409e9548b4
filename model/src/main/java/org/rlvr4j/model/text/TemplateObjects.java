package org.rlvr4j.model.text;

import com.hubspot.jinjava.el.TypeConvertingMapELResolver;
import com.hubspot.jinjava.el.ext.JinjavaBeanELResolver;
import com.hubspot.jinjava.el.ext.JinjavaListELResolver;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.objects.collections.PyList;
import com.hubspot.jinjava.objects.collections.PyMap;
import com.hubspot.jinjava.util.ForLoop;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/** Methods that a template may call: Python's of strings, and Jinjava's of lists, maps, loops and tests. */
final class TemplateObjects extends JinjavaBeanELResolver {

    private static final Set<String> METHODS = Set.of("append", "get", "items", "keys", "update", "values");

    private TemplateObjects() {
        super(true);
    }

    static ELResolver resolver() {
        var resolver = new CompositeELResolver();
        resolver.add(new JinjavaListELResolver(true));
        resolver.add(new TypeConvertingMapELResolver(true));
        resolver.add(new TemplateObjects());
        return resolver;
    }

    @Override
    public @Nullable Object getValue(ELContext context, Object base, Object property) {
        if (base instanceof ForLoop) {
            return super.getValue(context, base, property);
        }
        context.setPropertyResolved(true);
        return null; // undefined, as in Jinja
    }

    @Override
    public @Nullable Object invoke(
            ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
        if (TemplateWork.counted(base) instanceof String text) {
            context.setPropertyResolved(true);
            return invoke(text, method.toString(), arguments);
        }
        if (base instanceof ExpTest
                || ((base instanceof PyMap || base instanceof PyList) && METHODS.contains(method))) {
            return super.invoke(context, base, method, types, arguments);
        }
        throw new ELException("no method " + method + " of " + base);
    }

    private static Object invoke(String text, String method, Object[] arguments) {
        String argument = arguments.length == 0 ? null : String.valueOf(arguments[0]);
        String call = method + "/" + arguments.length;
        if (argument == null) {
            return switch (call) {
                case "strip/0" -> text.strip();
                case "lstrip/0" -> text.stripLeading();
                case "rstrip/0" -> text.stripTrailing();
                case "upper/0" -> text.toUpperCase(Locale.ROOT);
                case "lower/0" -> text.toLowerCase(Locale.ROOT);
                default -> throw new ELException("unsupported method " + call + " of a string");
            };
        }
        return switch (call) {
            case "strip/1" -> strip(text, argument, true, true);
            case "lstrip/1" -> strip(text, argument, true, false);
            case "rstrip/1" -> strip(text, argument, false, true);
            case "startswith/1" -> text.startsWith(argument);
            case "endswith/1" -> text.endsWith(argument);
            case "split/1" -> List.of(text.split(Pattern.quote(argument), -1));
            default -> throw new ELException("unsupported method " + call + " of a string");
        };
    }

    private static String strip(String text, String chars, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && chars.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (right && from < to && chars.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    /** The filter {@code replace}, counted before it makes a text long. */
    static final class Replace implements Filter {

        @Override
        public String getName() {
            return "replace";
        }

        @Override
        public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
            if (arguments.length != 2) {
                throw new InterpretException("replace takes 2 arguments, not " + arguments.length);
            }
            String text = String.valueOf(value);
            TemplateWork.spend((long) (text.length() + 1) * (arguments[1].length() + 1) / 256);
            return text.replace(arguments[0], arguments[1]);
        }
    }
}
