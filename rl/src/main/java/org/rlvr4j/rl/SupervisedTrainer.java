package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.eval.Demonstration;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/** Trainer for supervised learning, from a teacher's completions or from demonstrations of any kind. */
public final class SupervisedTrainer implements AutoCloseable {

    private final Decoder model;
    private final LearningRate learningRate;
    private final Optimizer optimizer;
    private final int microBatchTokens;
    private int steps;

    /**
     * @param model        model to train, with trainable parameters
     * @param learningRate learning rate of each step, counted from 0
     * @param adamW        constants of the optimizer
     * @param maxGradNorm  largest global L2 norm of a gradient; a larger gradient is scaled down to it
     */
    public SupervisedTrainer(Decoder model, LearningRate learningRate, AdamW adamW, double maxGradNorm) {
        this(model, learningRate, adamW, maxGradNorm, Integer.MAX_VALUE);
    }

    /**
     * @param model            model to train, with trainable parameters
     * @param learningRate     learning rate of each step, counted from 0
     * @param adamW            constants of the optimizer
     * @param maxGradNorm      largest global L2 norm of a gradient; a larger gradient is scaled down to it
     * @param microBatchTokens most tokens of one pass over demonstrations; memory, not results, depends on it
     */
    public SupervisedTrainer(
            Decoder model, LearningRate learningRate, AdamW adamW, double maxGradNorm, int microBatchTokens) {
        this.model = model;
        this.learningRate = learningRate;
        this.optimizer = new Optimizer(model.parameters(), adamW, maxGradNorm);
        this.microBatchTokens = microBatchTokens;
    }

    /**
     * Update of the model.
     *
     * @param loss          mean negative log-likelihood of the learned tokens before the update, in nats
     * @param gradNorm      L2 norm of the gradient before clipping
     * @param learningRate  learning rate of the update
     * @param tokens        number of tokens of the batch
     * @param learnedTokens number of tokens that were learned
     */
    public record Update(double loss, double gradNorm, double learningRate, int tokens, int learnedTokens) {}

    /**
     * Makes one update of the model from demonstrations. How they are cut into passes changes no bit.
     *
     * @param batch demonstrations, at least one, whose learned tokens all count alike
     * @throws NotFiniteException if the gradient is not finite; the model is then unchanged
     */
    public Update learn(List<Demonstration> batch) {
        int learned = learnedTokens(batch);
        model.parameters().beginGrads();
        var likelihood = new Likelihood();
        for (List<Demonstration> pass : passes(batch)) {
            LogProbs logProbs = logProbs(pass);
            likelihood.add(logProbs);
            Autograd.backward(logProbs.column().sum().times(-1.0 / learned));
            model.workspace().release();
        }
        model.parameters().mergeRows();
        double loss = -likelihood.sum / learned;
        double rate = learningRate.at(steps);
        double gradNorm = optimizer.step(rate);
        if (!Double.isFinite(gradNorm)) {
            throw new NotFiniteException("step " + (steps + 1) + ": the gradient of "
                    + model.parameters().firstNotFinite() + " is not finite (loss " + loss + ", "
                    + batch.getFirst().place() + " and others)");
        }
        steps++;
        int tokens = batch.stream().mapToInt(Demonstration::length).sum();
        return new Update(loss, gradNorm, rate, tokens, learned);
    }

    /**
     * Mean negative log-likelihood of the learned tokens of demonstrations, in nats; the model is not changed.
     *
     * @param demonstrations demonstrations, at least one
     */
    public double loss(List<Demonstration> demonstrations) {
        var likelihood = new Likelihood();
        for (List<Demonstration> pass : passes(demonstrations)) {
            model.workspace().scoped(() -> likelihood.add(logProbs(pass)));
        }
        return -likelihood.sum / learnedTokens(demonstrations);
    }

    private static int learnedTokens(List<Demonstration> batch) {
        return batch.stream().mapToInt(Demonstration::learnedTokens).sum();
    }

    /** Sum of log-probabilities, token after token, so that it is the same however they are cut into passes. */
    private static final class Likelihood {

        private double sum;

        double add(LogProbs logProbs) {
            for (double logProb : logProbs.toArray()) {
                sum += logProb;
            }
            return sum;
        }
    }

    /** Consecutive demonstrations that fit into a pass; a longer one is a pass alone. */
    private List<List<Demonstration>> passes(List<Demonstration> batch) {
        var passes = new ArrayList<List<Demonstration>>();
        int from = 0;
        long tokens = 0;
        for (int i = 0; i < batch.size(); i++) {
            int length = batch.get(i).length();
            if (i > from && tokens + length > microBatchTokens) {
                passes.add(batch.subList(from, i));
                from = i;
                tokens = 0;
            }
            tokens += length;
        }
        passes.add(batch.subList(from, batch.size()));
        return passes;
    }

    private LogProbs logProbs(List<Demonstration> pass) {
        int[] tokens =
                pass.stream().flatMapToInt(one -> Arrays.stream(one.tokens())).toArray();
        Segments segments =
                Segments.ofLengths(pass.stream().mapToInt(Demonstration::length).toArray());
        var rows = IntStream.builder();
        int at = 0;
        for (Demonstration one : pass) {
            for (int i = 1; i < one.length(); i++) {
                if (one.learned()[i]) {
                    rows.add(at + i - 1);
                }
            }
            at += one.length();
        }
        return new LogProbs(model.logProb(tokens, rows.build().toArray(), segments, 1));
    }

    /**
     * Continues after earlier updates; the caller restores weights and moments.
     *
     * @param updates number of earlier updates
     */
    public void resume(int updates) {
        steps = updates;
        optimizer.resume(updates);
    }

    /** The optimizer, which holds the moments. */
    public Optimizer optimizer() {
        return optimizer;
    }

    /**
     * Makes one update of the model.
     *
     * @param demonstrations completions of the teacher; their log-probabilities are ignored
     * @return mean negative log-likelihood of the completions' tokens before the update, in nats
     * @throws NotFiniteException if the gradient is not finite; the model is then unchanged
     */
    public double step(List<Completion> demonstrations) {
        var batch = new Batch(demonstrations, new double[demonstrations.size()]);
        model.parameters().beginGrads();
        var logProbs = new LogProbs(model.logProb(batch.tokens(), batch.rows(), batch.sequences(), 1));
        Tensor logProb = logProbs.column();
        Tensor loss = logProb.sum().times(-1.0 / logProb.rows());
        Autograd.backward(loss);
        model.parameters().mergeRows();
        double value = loss.get(0);
        model.workspace().release();
        if (!Double.isFinite(optimizer.step(learningRate.at(steps)))) {
            throw new NotFiniteException("warm-up step " + (steps + 1) + ": the gradient of "
                    + model.parameters().firstNotFinite() + " is not finite (loss " + value
                    + ")");
        }
        steps++;
        return value;
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
