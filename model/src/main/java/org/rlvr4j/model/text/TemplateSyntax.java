package org.rlvr4j.model.text;

import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.ext.AstDict;
import com.hubspot.jinjava.el.ext.AstFilterChain;
import com.hubspot.jinjava.el.ext.AstRangeBracket;
import com.hubspot.jinjava.el.ext.CollectionMembershipOperator;
import com.hubspot.jinjava.el.ext.CollectionNonMembershipOperator;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.FilterSpec;
import com.hubspot.jinjava.el.ext.NamedParameter;
import com.hubspot.jinjava.el.ext.NamedParameterOperator;
import com.hubspot.jinjava.el.ext.StringConcatOperator;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.de.odysseus.el.tree.impl.Scanner.ExtensionToken;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstNull;
import jinjava.de.odysseus.el.tree.impl.ast.AstParameters;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;
import org.jspecify.annotations.Nullable;

/** Syntax of expressions: Jinjava's, and beyond it {@code list[::-1]} and {@code f(name=a + b)}. */
final class TemplateSyntax extends ExtendedSyntaxBuilder {

    private static final long serialVersionUID = 1;

    TemplateSyntax(Feature... features) {
        super(features);
    }

    @Override
    protected Parser createParser(String expression) {
        TemplateWork.parsed(expression);
        return new TemplateParser(this, expression);
    }

    private static final class TemplateParser extends ExtendedParser {

        TemplateParser(TemplateSyntax syntax, String expression) {
            super(syntax, expression);
            // In Jinjava a sum ends before the equals sign's value does: f(a=b+c) would be f((a=b)+c).
            putExtensionHandler(NamedParameterOperator.TOKEN, new ExtensionHandler(ExtensionPoint.OR) {
                @Override
                public AstNode createAstNode(AstNode... children) {
                    return NamedParameterOperator.HANDLER.createAstNode(children);
                }
            });
            count(StringConcatOperator.TOKEN);
            count(CollectionMembershipOperator.TOKEN);
            count(CollectionNonMembershipOperator.TOKEN);
        }

        private void count(ExtensionToken operator) {
            ExtensionHandler handler = getExtensionHandler(operator);
            putExtensionHandler(operator, new ExtensionHandler(handler.getExtensionPoint()) {
                @Override
                public AstNode createAstNode(AstNode... children) {
                    return handler.createAstNode(new Counted(children[0]), new Counted(children[1]));
                }
            });
        }

        @Override
        protected AstBinary createAstBinary(AstNode left, AstNode right, AstBinary.Operator operator) {
            return super.createAstBinary(new Counted(left), new Counted(right), operator);
        }

        @Override
        protected AstParameters createAstParameters(List<AstNode> nodes) {
            return super.createAstParameters(
                    nodes.stream().<AstNode>map(Counted::new).toList());
        }

        @Override
        protected AstDict createAstDict(Map<AstNode, AstNode> entries) {
            var counted = new LinkedHashMap<AstNode, AstNode>();
            entries.forEach((key, value) -> counted.put(key, new Counted(value)));
            return super.createAstDict(counted);
        }

        @Override
        protected @Nullable AstNode expr(boolean required) throws ScanException, ParseException {
            if (getToken().getSymbol() == Symbol.COLON && lookahead(0).getSymbol() == Symbol.COLON) {
                consumeToken();
                return new AstNull(); // the start of a slice that has only a step
            }
            return super.expr(required);
        }

        @Override
        protected AstFilterChain createAstFilterChain(AstNode input, List<FilterSpec> filters) {
            AstNode filtered = input;
            for (FilterSpec filter : filters) {
                if (JinjavaInterpreter.getCurrent().getContext().getFilter(filter.getName()) == null) {
                    throw new ELException("unknown filter " + filter.getName()); // which Jinjava would skip
                }
                filtered = super.createAstFilterChain(new Counted(filtered), List.of(filter));
            }
            return (AstFilterChain) filtered;
        }

        @Override
        protected AstRangeBracket createAstRangeBracket(
                AstNode base, AstNode start, AstNode end, boolean lvalue, boolean strict) {
            return start instanceof AstNull
                    ? new Reversed(base, end, strict)
                    : super.createAstRangeBracket(base, start, end, lvalue, strict);
        }
    }

    /** A node whose value is counted, as what an operation takes costs it time, and what a list takes makes it large. */
    private static final class Counted extends AstRightValue {

        private final AstNode node;

        Counted(AstNode node) {
            this.node = node;
        }

        @Override
        public @Nullable Object eval(Bindings bindings, ELContext context) {
            Object value = node.eval(bindings, context);
            TemplateWork.counted(value instanceof NamedParameter named ? named.getValue() : value);
            return value;
        }

        @Override
        public void appendStructure(StringBuilder builder, Bindings bindings) {
            node.appendStructure(builder, bindings);
        }

        @Override
        public int getCardinality() {
            return 1;
        }

        @Override
        public AstNode getChild(int i) {
            return node;
        }
    }

    /** Node of {@code base[::-1]}. */
    private static final class Reversed extends AstRangeBracket {

        Reversed(AstNode base, AstNode step, boolean strict) {
            super(base, step, step, false, strict, false);
        }

        @Override
        public Object eval(Bindings bindings, ELContext context) {
            if (!(property.eval(bindings, context) instanceof Number step) || step.longValue() != -1) {
                throw new ELException("a slice may have no step but -1");
            }
            return switch (prefix.eval(bindings, context)) {
                case List<?> list -> list.reversed();
                case String text -> new StringBuilder(text).reverse().toString();
                case null, default -> throw new ELException("only a list or a string can be sliced");
            };
        }
    }
}
