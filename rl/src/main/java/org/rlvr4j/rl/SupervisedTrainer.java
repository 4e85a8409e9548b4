package org.rlvr4j.rl;

import java.util.List;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Tensor;

/** Trainer for supervised learning from a teacher's completions: the warm-up before reinforcement. */
public final class SupervisedTrainer implements AutoCloseable {

    private final Decoder model;
    private final LearningRate learningRate;
    private final Optimizer optimizer;
    private int steps;

    /**
     * @param model        model to train, with trainable parameters
     * @param learningRate learning rate of each step, counted from 0
     * @param adamW        constants of the optimizer
     * @param maxGradNorm  largest global L2 norm of a gradient; a larger gradient is scaled down to it
     */
    public SupervisedTrainer(Decoder model, LearningRate learningRate, AdamW adamW, double maxGradNorm) {
        this.model = model;
        this.learningRate = learningRate;
        this.optimizer = new Optimizer(model.parameters(), adamW, maxGradNorm);
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
