package org.rlvr4j.model.text.template.syntax;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.rlvr4j.model.text.template.syntax.Node.Target;
import org.rlvr4j.model.text.template.syntax.Token.Kind;

/**
 * Parser of templates, by Jinja's grammar. Tags, filters and tests that are not known are refused by name; filters and
 * tests within an {@code if} only when they are reached, as Jinja does.
 */
public final class Parser extends ExpressionParser {

    private static final Set<String> OUTSIDE = Set.of("include", "import", "from", "extends", "block");
    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private int loops;

    private Parser(List<Token> tokens, Names names) {
        super(tokens, names);
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if it is wrong, or uses a name that is not known
     */
    public static List<Node> parse(String source, Names names) {
        var parser = new Parser(Lexer.tokens(source), names);
        List<Node> nodes = parser.nodes(Set.of());
        parser.refuseUnknown();
        return nodes;
    }

    /** Nodes up to a tag with one of these names, whose name is next; or, without any, up to the end. */
    private List<Node> nodes(Set<String> ends) {
        deeper();
        var nodes = new ArrayList<Node>();
        while (true) {
            Token token = next();
            switch (token.kind()) {
                case DATA -> nodes.add(new Node.Text(token.text()));
                case VARIABLE_BEGIN -> {
                    nodes.add(new Node.Output(tuple(true, Set.of(), false), token.line()));
                    expect(Kind.VARIABLE_END, "the end of the tag");
                }
                case BLOCK_BEGIN -> {
                    if (token().is(Kind.NAME) && ends.contains(token().text())) {
                        shallower();
                        return nodes;
                    }
                    nodes.add(statement());
                    expect(Kind.BLOCK_END, "the end of the tag");
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw new TemplateException(
                                token.line(), "it ends without " + String.join(" or ", sorted(ends)));
                    }
                    shallower();
                    return nodes;
                }
                default -> throw new TemplateException(token.line(), "unexpected " + token.shown());
            }
        }
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    /** The nodes of a block, whose opening tag ends here, and the name that ends it. */
    private List<Node> block(String... ends) {
        expect(Kind.BLOCK_END, "the end of the tag");
        return nodes(Set.of(ends));
    }

    private Node statement() {
        Token tag = expect(Kind.NAME, "the name of a tag");
        return switch (tag.text()) {
            case "if" -> conditional();
            case "for" -> loop(tag.line());
            case "set" -> set(tag.line());
            case "macro" -> macro();
            case "call" -> callBlock(tag.line());
            case "filter" -> filterBlock(tag.line());
            case "with" -> with(tag.line());
            case "generation" -> new Node.Generation(outsideLoops("endgeneration"));
            case "print" -> new Node.Output(tuple(true, Set.of(), false), tag.line());
            case "break", "continue" -> {
                if (loops == 0) {
                    throw new TemplateException(tag.line(), "'" + tag.text() + "' outside of a loop");
                }
                yield tag.text().equals("break") ? new Node.Break() : new Node.Continue();
            }
            default ->
                throw new TemplateException(
                        tag.line(),
                        OUTSIDE.contains(tag.text())
                                ? "unsupported tag '" + tag.text() + "': a chat template stands alone"
                                : "unknown tag '" + tag.text() + "'");
        };
    }

    private Node conditional() {
        boolean around = isConditional;
        isConditional = true;
        Expr condition = tuple(false, Set.of(), false);
        List<Node> then = block("elif", "else", "endif");
        List<Node> otherwise = List.of();
        String tag = next().text();
        if (tag.equals("elif")) {
            otherwise = List.of(conditional());
        } else if (tag.equals("else")) {
            otherwise = block("endif");
            next();
        }
        isConditional = around;
        return new Node.If(condition, then, otherwise);
    }

    private Node loop(int line) {
        Target target = target(false, "in");
        if (!skipName("in")) {
            throw failure("expected 'in' but found " + token().shown());
        }
        Expr items = tuple(false, Set.of("recursive"), false);
        boolean around = isConditional;
        isConditional = false;
        Expr condition = skipName("if") ? expression() : null;
        boolean recursive = skipName("recursive");
        loops++;
        List<Node> body = block("endfor", "else");
        loops--;
        List<Node> otherwise = List.of();
        if (next().text().equals("else")) {
            otherwise = block("endfor");
            next();
        }
        isConditional = around;
        return new Node.For(target, items, condition, recursive, body, otherwise, line);
    }

    private Node set(int line) {
        Target target = target(true);
        if (skip("=")) {
            return new Node.Set(target, tuple(true, Set.of(), false), line);
        }
        boolean around = isConditional;
        isConditional = false;
        Expr.Filter filter = (Expr.Filter) filters(null);
        List<Node> body = block("endset");
        next();
        isConditional = around;
        return new Node.SetBlock(target, filter, body, line);
    }

    private Node with(int line) {
        var targets = new ArrayList<Target>();
        var values = new ArrayList<Expr>();
        while (!token().is(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                expect(",");
            }
            targets.add(target(false));
            expect("=");
            values.add(expression());
        }
        boolean around = isConditional;
        isConditional = false;
        List<Node> body = block("endwith");
        next();
        isConditional = around;
        return new Node.With(targets, values, body, line);
    }

    private Node macro() {
        String name = variable(next());
        Node.Signature signature = signature();
        return definition(name, signature, "endmacro");
    }

    private Node callBlock(int line) {
        Node.Signature signature = token().isOperator("(") ? signature() : new Node.Signature(List.of(), List.of());
        if (!(expression() instanceof Expr.Call call)) {
            throw failure("expected a call");
        }
        return new Node.CallBlock(call, definition("caller", signature, "endcall"), line);
    }

    private Node.Macro definition(String name, Node.Signature signature, String end) {
        Set<String> around = uses;
        uses = new HashSet<>();
        List<Node> body = outsideLoops(end);
        var macro = new Node.Macro(name, signature, uses, body);
        around.addAll(uses);
        uses = around;
        return macro;
    }

    private List<Node> outsideLoops(String end) {
        int around = loops;
        boolean wasConditional = isConditional;
        loops = 0;
        isConditional = false;
        List<Node> body = block(end);
        next();
        loops = around;
        isConditional = wasConditional;
        return body;
    }

    private Node filterBlock(int line) {
        boolean around = isConditional;
        isConditional = false;
        Expr filter = filter(null);
        while (skip("|")) {
            filter = filter(filter);
        }
        List<Node> body = block("endfilter");
        next();
        isConditional = around;
        return new Node.FilterBlock((Expr.Filter) filter, body, line);
    }

    private Node.Signature signature() {
        var names = new ArrayList<String>();
        var defaults = new ArrayList<Expr>();
        boolean around = isConditional;
        isConditional = false;
        expect("(");
        while (!token().isOperator(")")) {
            if (!names.isEmpty()) {
                expect(",");
            }
            names.add(variable(next()));
            if (skip("=")) {
                defaults.add(expression());
            } else if (!defaults.isEmpty()) {
                throw failure("a parameter without a default follows one with a default");
            }
        }
        next();
        isConditional = around;
        return new Node.Signature(names, defaults);
    }

    private Target target(boolean member, String... ends) {
        Token first = next();
        Target target;
        if (first.isOperator("(")) {
            target = target(member);
            expect(")");
        } else if (member && token().isOperator(".")) {
            next();
            target = new Target.Member(
                    variable(first), expect(Kind.NAME, "a name").text());
        } else {
            target = new Target.Variable(variable(first));
        }
        if (!token().isOperator(",")) {
            return target;
        }
        var targets = new ArrayList<>(List.of(target));
        while (skip(",")) {
            if (token().isOperator("=") || token().isOperator(")") || isOneOf(ends)) {
                break;
            }
            Token each = next();
            if (each.isOperator("(")) {
                targets.add(target(member));
                expect(")");
            } else if (member && token().isOperator(".")) {
                next();
                targets.add(new Target.Member(
                        variable(each), expect(Kind.NAME, "a name").text()));
            } else {
                targets.add(new Target.Variable(variable(each)));
            }
        }
        return new Target.Several(targets);
    }

    private static String variable(Token token) {
        if (!token.is(Kind.NAME) || CONSTANTS.contains(token.text())) {
            throw new TemplateException(token.line(), "cannot assign to " + token.shown());
        }
        return token.text();
    }
}
