package org.rlvr4j.eval.grader;

import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** LaTeX commands that an answer may contain, by kind. */
final class Commands {

    static final Set<String> CONSTANTS = words("""
        \\pi \\infty \\alpha \\beta \\gamma \\delta \\epsilon \\theta \\lambda \\mu \\phi \\varphi \\rho \\sigma \\tau \\omega
        \\Delta \\Omega \\Gamma \\psi \\xi \\eta \\zeta \\kappa \\nu \\chi \\ell \\Phi \\Sigma \\Lambda \\Theta\
        """);

    static final Set<String> FUNCTIONS = words("""
        \\sin \\cos \\tan \\cot \\sec \\csc \\arcsin \\arccos \\arctan \\sinh \\cosh \\tanh \\ln \\log \\lg \\exp\
        """);

    /** Marks on letters, which make a different name. */
    static final Set<String> ACCENTS = words("""
        \\overline \\bar \\hat \\vec \\tilde \\widehat \\overrightarrow \\overleftrightarrow \\widetilde \\check
        \\dot \\ddot \\mathbb \\mathcal \\mathfrak\
        """);

    /** Other commands that can begin a factor of a product. */
    private static final Set<String> FORMS = words("\\frac \\sqrt \\binom \\lfloor \\lceil");

    /** Commands that are neither markup nor understood. */
    private static final Set<String> OPERATORS = words("""
        \\sum \\prod \\int \\lim \\erf \\det \\gcd \\lcm \\max \\min \\angle \\mod \\pmod \\bmod \\Re \\Im \\arg \\deg \\dim \\ker
        \\sech \\csch \\coth \\substack \\stackrel \\overset \\underset \\triangle \\nabla \\partial \\sgn \\Li \\cis \\not \\neg
        \\sim \\cong \\prime \\arcsec \\arccsc \\arccot \\overbrace \\underbrace \\cancel \\sup \\inf \\hom \\Pr \\tg \\ctg
        \\sqrtsign \\sout \\xcancel \\bcancel \\cancelto \\choose \\over \\and \\or\
        """);

    /** Commands without a meaning: sizes of brackets, fonts of mathematics and the like. */
    static final Set<String> DROPPED = words("""
        \\left \\right \\middle \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\displaystyle \\textstyle \\limits \\boxed
        \\fbox \\( \\) \\[ \\] \\! \\bf \\rm \\mathbf \\boldsymbol \\mathit \\bm \\small \\large \\Large \\LARGE \\huge\
        """);

    /** Commands that, with their argument, change the look and not the meaning. */
    static final Set<String> STYLES = words("\\color \\textcolor \\hspace \\vspace \\phantom \\hphantom \\tag");

    /** Fonts of text; letters in them are words. */
    static final Set<String> TEXT_FONTS = words("""
        \\text \\textbf \\textit \\textrm \\textnormal \\textsf \\texttt \\mbox \\hbox \\mathrm \\mathsf \\mathtt \\operatorname
        \\emph\
        """);

    static final Set<String> SPACES =
            Set.of("\\,", "\\;", "\\:", "\\ ", "\\quad", "\\qquad", "\\thinspace", "\\enspace", "\\>", "\\\n");

    private static final Map<String, String> SYNONYMS = pairs("""
        \\dfrac \\frac \\tfrac \\frac \\cfrac \\frac \\dbinom \\binom \\tbinom \\binom \\leq \\le \\leqslant \\le \\geq \\ge
        \\geqslant \\ge \\neq \\ne \\lt < \\gt > \\times * \\cdot * \\ast * \\div / \\lbrace \\{ \\rbrace \\} \\lbrack [ \\rbrack ]
        \\vert | \\lvert | \\rvert | \\mid | \\varnothing \\emptyset \\dots \\ldots \\cdots \\ldots \\% % \\varepsilon \\epsilon
        \\degrees \\degree \\nicefrac \\frac \\sfrac \\frac \\land \\and \\wedge \\and \\lor \\or \\vee \\or \\colon :
        \\smallsetminus \\setminus \\backslash \\setminus \\Bbb \\mathbb\
        """);

    private Commands() {}

    private static Set<String> words(String text) {
        return Set.of(text.split("\\s+"));
    }

    /** Table from the first to the second word of each pair. */
    static Map<String, String> pairs(String text) {
        return Pattern.compile("(\\S+)\\s+(\\S+)")
                .matcher(text)
                .results()
                .collect(Collectors.toMap(pair -> pair.group(1), (MatchResult pair) -> pair.group(2)));
    }

    /** The one command that stands for all commands of the same meaning. */
    static String canonical(String command) {
        return SYNONYMS.getOrDefault(command, command);
    }

    /** Whether a command can begin a factor of a product. */
    static boolean isFactor(String command) {
        return CONSTANTS.contains(command)
                || ACCENTS.contains(command)
                || FUNCTIONS.contains(command)
                || FORMS.contains(command);
    }

    /** Whether a command may be taken for markup, of which only the argument counts. */
    static boolean isMarkup(String command) {
        return !isFactor(command) && !OPERATORS.contains(command);
    }
}
