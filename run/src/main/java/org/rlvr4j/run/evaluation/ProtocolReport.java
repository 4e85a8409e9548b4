package org.rlvr4j.run.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.report.Table;

/**
 * Protocol of an evaluation for readers: a table, and a sentence for each suite in which no answer was found.
 *
 * @param settings settings of the evaluation
 */
record ProtocolReport(EvalSettings settings) {

    private static final double OFTEN = 0.5;

    /** The table: who judges, and how problems are asked and answers drawn. */
    Table table() {
        var rows = new ArrayList<List<String>>();
        for (String suite : settings.suites().keySet()) {
            Protocol protocol = settings.protocol(suite);
            rows.add(List.of(
                    suite,
                    String.join(", ", judges(suite)),
                    asked(protocol),
                    protocol.examples().isEmpty()
                            ? "0"
                            : protocol.examples().size()
                                    + (protocol.form() == Protocol.Form.CHAT ? " as turns" : " as text"),
                    settings.sampled().contains(suite) ? "greedily; " + drawn(settings.sampling()) : "greedily"));
        }
        return new Table("Protocol", List.of("Suite", "Judged by", "Asked", "Examples", "Drawn"), rows);
    }

    /** Names of the verifiers of a suite, the first of which says what is right. */
    List<String> judges(String suite) {
        List<RewardSetting> parts = settings.verifier(suite);
        return parts == null
                ? List.of("boxed")
                : parts.stream().map(ProtocolReport::name).toList();
    }

    private static String name(RewardSetting part) {
        Map.Entry<String, RewardSetting.Kind> kind = part.kind();
        if (part.name() != null) {
            return part.name();
        }
        return switch (kind.getValue()) {
            case RewardSetting.Java java -> String.valueOf(java.file().getFileName());
            case RewardSetting.ClassName named -> named.name();
            default -> kind.getKey();
        };
    }

    private static String asked(Protocol protocol) {
        String frame = protocol.before().isEmpty() && protocol.after().isEmpty()
                ? ""
                : ": " + protocol.before() + "..." + protocol.after();
        String form = protocol.form() == Protocol.Form.CHAT ? "by chat template" : "as plain text";
        return (form + frame).replace("\n", "\\n");
    }

    /** How samples are drawn, such as {@code 32 at T = 0.6, top-p 0.95}. */
    static String drawn(Sampling sampling) {
        return sampling.samples() + " at T = " + sampling.temperature()
                + (sampling.topK() == 0 ? "" : ", top-k " + sampling.topK())
                + (sampling.topP() == 1 ? "" : ", top-p " + sampling.topP());
    }

    /**
     * A sentence for each suite in none of whose completions an answer was found.
     *
     * @param evaluations greedy and sampled evaluations
     */
    List<String> unanswered(List<Evaluation> evaluations) {
        Map<String, List<Evaluation>> bySuite = evaluations.stream()
                .collect(Collectors.groupingBy(Evaluation::suite, LinkedHashMap::new, Collectors.toList()));
        return bySuite.entrySet().stream()
                .filter(suite -> suite.getValue().stream().allMatch(each -> each.unboxedShare() == 1))
                .map(suite ->
                        unanswered(suite.getKey(), suite.getValue().getFirst().truncatedShare()))
                .toList();
    }

    private String unanswered(String suite, double truncated) {
        String judge = judges(suite).getFirst();
        String reason = "no completion of " + suite + " has an answer that " + judge + " finds";
        if (!judge.equals("boxed")) {
            reason += ": ask for one by --suffix, or judge by another --verifier";
        } else if (settings.prompts().getOrDefault(suite, "").contains("boxed")) {
            reason += ", which is a \\boxed{}, though its prompts ask for one: the model may not follow them";
        } else {
            reason += ", which is a \\boxed{}: ask for it, as by --suffix \" Put your final answer within \\boxed{}.\","
                    + " or judge by another --verifier, such as number";
        }
        return truncated < OFTEN
                ? reason
                : reason
                        + String.format(
                                Locale.ROOT,
                                "; %.0f %% were cut off at --max-new-tokens %d",
                                100 * truncated,
                                settings.greedy().maxNewTokens());
    }
}
