package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMean;
import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.TokenSumByMaxLength;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.DType;
import tools.jackson.databind.JsonNode;

/** Losses and gradients against the original's, in single and in double precision. */
class PolicyLossGoldenTest {

    @ParameterizedTest
    @MethodSource("forkRuns")
    void agreesWithTheOriginal(DType type, JsonNode configs, JsonNode batchCase, JsonNode run) {
        GoldenBatch batch = GoldenBatch.of(batchCase.get("inputs"));
        PolicyLoss loss = loss(configs.get(run.get("config").asString()));
        boolean whole = run.get("normalizer").asString().equals("mini_batch");
        Weight.Totals own = batch.totals();
        Weight.Totals totals = whole
                ? new Weight.Totals(
                        batchCase.at("/mini_batch/batch_size").asInt(),
                        batchCase.at("/mini_batch/batch_response_len").asInt(),
                        own.maxLength())
                : new Weight.Totals(batch.responses().count(), own.tokens(), own.maxLength()); // it counts empty ones
        double[] weight = weight(run.get("agg").asString()).of(batch.responses(), totals);

        assertAgrees(type, batch, loss, weight, run);
    }

    @ParameterizedTest
    @MethodSource("verlRuns")
    void agreesWithNewerVerl(DType type, JsonNode batchCase, JsonNode run) {
        GoldenBatch batch = GoldenBatch.of(batchCase.get("inputs"));
        boolean gspo = run.get("loss_mode").asString().equals("gspo");
        var clip = new FixedClip(
                run.get("clip_low").asDouble(), run.get("clip_high").asDouble());
        PolicyLoss loss = loss(
                gspo ? new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT) : new TokenRatio(Ratio.LOG_RATIO_LIMIT),
                clip,
                gspo ? Clipping.NO_DUAL_CLIP : run.get("clip_ratio_c").asDouble());
        double[] weight = weight(run.get("agg").asString()).of(batch.responses(), batch.totals());

        assertAgrees(type, batch, loss, weight, run);
    }

    /** With every advantage and weight 1 and no clip, the gradient is the ratio itself. */
    @ParameterizedTest
    @MethodSource("sequenceRatios")
    void sequenceRatioIsTheGeometricMean(DType type, JsonNode batchCase) {
        GoldenBatch batch = GoldenBatch.of(batchCase.get("inputs"));
        double[] ratios = GoldenRows.numbers(batchCase.get("sequence_ratio"));
        var free = new FixedClip(1, Double.POSITIVE_INFINITY);
        PolicyLoss loss = loss(new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT), free, Clipping.NO_DUAL_CLIP);
        var ones = new double[batch.logProb().length];
        Arrays.fill(ones, 1);
        var advantages = new double[ratios.length];
        Arrays.fill(advantages, 1);

        double[] gradient = batch.gradient(type, loss, ones, advantages, new PolicyStatistics());

        for (int i = 0; i < ratios.length; i++) {
            for (int t = batch.responses().start(i); t < batch.responses().end(i); t++) {
                assertThat(-gradient[t]).as("response %d", i).isCloseTo(ratios[i], within(tolerance(type, ratios[i])));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("emptyResponses")
    void responsesWithoutTokensDoNotCount(JsonNode batchCase) {
        GoldenBatch batch = GoldenBatch.of(batchCase.get("inputs"));
        double[] terms = batch.logProb();

        batchCase.get("agg_of_log_prob_matrix").forEachEntry((name, expected) -> {
            double[] weight = weight(name).of(batch.responses(), batch.totals());
            double sum = IntStream.range(0, terms.length)
                    .mapToDouble(t -> weight[t] * terms[t])
                    .sum();
            assertThat(sum).as(name).isCloseTo(expected.asDouble(), within(tolerance(DType.F64, expected.asDouble())));
        });
    }

    @ParameterizedTest
    @MethodSource("compositions")
    void microBatchesComposeAsInTheOriginal(DType type, JsonNode root, JsonNode run) {
        GoldenBatch batch = GoldenBatch.of(root.get("inputs"));
        PolicyLoss plain = loss(root.get("configs").get(run.get("algorithm").asString()));
        double coefficient = run.get("kl_coef").asDouble();
        PolicyLoss loss = plain.with(new KlPenalty(KlPenalty.Estimator.K3, coefficient));
        boolean whole = run.get("normalizer").asString().equals("mini_batch");
        String aggregation = run.get("agg").asString();
        double total = 0;
        double clippingRatios = 0;
        double slack = 0;

        for (int m = 0; m < run.get("micro_batches").size(); m++) {
            int[] rows = GoldenRows.integers(run.get("micro_batches").get(m));
            GoldenBatch micro = batch.select(rows);
            JsonNode expected = run.get("micro").get(m);
            // only-token-mean of the original knows nothing of the mini-batch
            Weight.Totals totals = whole && !aggregation.equals("only-token-mean") ? batch.totals() : micro.totals();
            double[] weight = weight(aggregation).of(micro.responses(), totals);

            double pgLoss = expected.get("pg_loss").asDouble();
            PolicyStatistics statistics = new PolicyStatistics();
            micro.gradient(type, plain, weight, statistics);
            assertThat(statistics.loss()).isCloseTo(pgLoss, within(tolerance(type, pgLoss)));
            assertStatistics(type, micro, plain, statistics, expected, "pg_");
            if (expected.path("kl_loss").isNumber()) { // none without a penalty
                double klLoss = expected.get("kl_loss").asDouble();
                assertThat(penalty(type, micro, weight)).isCloseTo(klLoss, within(tolerance(type, klLoss)));
            }

            double scale = expected.get("scale").asDouble();
            double[] scaled = IntStream.range(0, weight.length)
                    .mapToDouble(t -> scale * weight[t])
                    .toArray();
            PolicyStatistics penalised = new PolicyStatistics();
            double[] gradient = micro.gradient(type, loss, scaled, penalised);
            assertGradient(type, micro, loss, gradient, run.get("grad"));
            total += penalised.loss();
            clippingRatios += statistics.tokenClippingRatio();
            slack += slack(type, micro, plain);
        }

        double expectedTotal = run.get("total_loss").asDouble();
        int count = run.get("micro_batches").size();
        assertThat(total).isCloseTo(expectedTotal, within(tolerance(type, expectedTotal)));
        assertThat(clippingRatios / count).isCloseTo(run.get("tcr").asDouble(), within(1e-6 + slack / count));
    }

    /** The penalty alone: no advantage, coefficient 1. */
    private static double penalty(DType type, GoldenBatch batch, double[] weight) {
        var statistics = new PolicyStatistics();
        PolicyLoss penalised = loss(new TokenRatio(Ratio.NO_LIMIT), new FixedClip(0, 0), Clipping.NO_DUAL_CLIP)
                .with(new KlPenalty(KlPenalty.Estimator.K3, 1));
        batch.gradient(type, penalised, weight, new double[batch.responses().count()], statistics);
        return statistics.loss();
    }

    static Stream<Arguments> forkRuns() {
        return GoldenRows.roots("policy_loss_fork.json").flatMap(root -> root.get("cases")
                .valueStream()
                .flatMap(batchCase -> batchCase.get("runs").valueStream().flatMap(run -> types().map(
                                type -> Arguments.of(type, root.get("configs"), batchCase, run)))));
    }

    static Stream<Arguments> verlRuns() {
        return GoldenRows.rows(
                        "policy_loss_gspo_verl.json", root -> root.get("cases").valueStream())
                .flatMap(batchCase -> batchCase.get("runs").valueStream().flatMap(run -> types().map(
                                type -> Arguments.of(type, batchCase, run))));
    }

    static Stream<Arguments> sequenceRatios() {
        return GoldenRows.rows(
                        "policy_loss_gspo_verl.json", root -> root.get("cases").valueStream())
                .filter(batchCase -> batchCase.has("sequence_ratio"))
                .flatMap(batchCase -> types().map(type -> Arguments.of(type, batchCase)));
    }

    static Stream<Arguments> emptyResponses() {
        return GoldenRows.rows(
                        "policy_loss_gspo_verl.json", root -> root.get("cases").valueStream())
                .filter(batchCase -> batchCase.has("agg_of_log_prob_matrix"))
                .map(Arguments::of);
    }

    static Stream<Arguments> compositions() {
        return GoldenRows.roots("minibatch_composition.json")
                .flatMap(root -> root.get("runs").valueStream().flatMap(run -> types().map(
                                type -> Arguments.of(type, root, run))));
    }

    private static Stream<DType> types() {
        return Stream.of(DType.F32, DType.F64);
    }

    private static void assertAgrees(DType type, GoldenBatch batch, PolicyLoss loss, double[] weight, JsonNode run) {
        var statistics = new PolicyStatistics();

        double[] gradient = batch.gradient(type, loss, weight, statistics);

        double expected = GoldenRows.number(run.get("loss"));
        if (Double.isNaN(expected)) { // the original divides by the length of an empty response
            assertThat(statistics.loss()).isFinite();
            return;
        }
        assertThat(statistics.loss()).isCloseTo(expected, within(tolerance(type, expected)));
        assertGradient(type, batch, loss, gradient, run.get("grad"));
        if (run.has("clipfrac")) { // the rows of the paper's own aggregation have no statistics
            assertStatistics(type, batch, loss, statistics, run, "");
        }
    }

    private static void assertGradient(
            DType type, GoldenBatch batch, PolicyLoss loss, double[] gradient, JsonNode padded) {
        double[] expected = batch.packed(padded);
        boolean[] near = batch.nearBound(loss, type);
        for (int t = 0; t < expected.length; t++) {
            if (!near[t]) {
                assertThat(gradient[t]).as("token %d", t).isCloseTo(expected[t], within(tolerance(type, expected[t])));
            }
        }
    }

    private static void assertStatistics(
            DType type, GoldenBatch batch, PolicyLoss loss, PolicyStatistics ours, JsonNode expected, String prefix) {
        double slack = slack(type, batch, loss);
        assertThat(ours.tokenClippingRatio())
                .isCloseTo(expected.get(prefix + "clipfrac").asDouble(), within(1e-6 + slack));
        assertThat(ours.dualClippedShare())
                .isCloseTo(expected.get(prefix + "clipfrac_lower").asDouble(), within(1e-6 + slack));
        double ppoKl = expected.get("ppo_kl").asDouble();
        assertThat(ours.ppoKl()).isCloseTo(ppoKl, within(tolerance(type, ppoKl)));
    }

    /** The share of tokens whose clip decision rounding may turn. */
    private static double slack(DType type, GoldenBatch batch, PolicyLoss loss) {
        boolean[] near = batch.nearBound(loss, type);
        return IntStream.range(0, near.length).filter(t -> near[t]).count() / (double) near.length;
    }

    /** In double precision what is left is the 1e-8 of each term that the original adds to its denominators. */
    private static double tolerance(DType type, double expected) {
        return type == DType.F64
                ? Math.max(1e-7, 1e-7 * Math.abs(expected))
                : Math.max(1e-6, 1e-5 * Math.abs(expected));
    }

    private static PolicyLoss loss(JsonNode config) {
        double low = config.get("clip_ratio_low").asDouble();
        double high = config.get("clip_ratio_high").asDouble();
        double c = config.get("clip_ratio_c").asDouble();
        var fixed = new FixedClip(low, high);
        String type = config.has("clip_type") ? config.get("clip_type").asString() : "vanilla";
        return switch (type) {
            case "origin" -> loss(new TokenRatio(Ratio.NO_LIMIT), fixed, Clipping.NO_DUAL_CLIP);
            case "dual" -> loss(new TokenRatio(Ratio.NO_LIMIT), fixed, c);
            case "dynamic" -> loss(new TokenRatio(Ratio.NO_LIMIT), AdaptiveClip.withDualClip(low, high, c), c);
            case "sequence-token" ->
                loss(new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT), fixed, Clipping.NO_DUAL_CLIP);
            case "vanilla" -> loss(new TokenRatio(Ratio.LOG_RATIO_LIMIT), fixed, c);
            default -> throw new IllegalArgumentException("unknown clip type " + type);
        };
    }

    private static PolicyLoss loss(Ratio ratio, Clip clip, double dualClip) {
        return new PolicyLoss(ratio, new Clipping(clip, dualClip), KlPenalty.NONE);
    }

    static Weight weight(String aggregation) {
        return switch (aggregation) {
            case "token-mean", "only-token-mean" -> new TokenMean(); // what the original's only-token-mean computes
            case "otm-paper(sum_i mean_t)" -> new OnlyTokenMean();
            case "seq-mean-token-sum" -> new SequenceMeanTokenSum();
            case "seq-mean-token-mean" -> new SequenceMean();
            case "seq-mean-token-sum-norm" -> new TokenSumByMaxLength();
            default -> throw new IllegalArgumentException("unknown aggregation " + aggregation);
        };
    }
}
