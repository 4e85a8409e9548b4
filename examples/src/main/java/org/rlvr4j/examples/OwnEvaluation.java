package org.rlvr4j.examples;

import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Example of an evaluation with a verifier of one's own, for which an answer may be one off. Its argument is a checkpoint. */
final class OwnEvaluation {
    public static void main(String[] args) {
        Verifier nearly = (problem, answer) -> {
            String digits = answer.text().replaceFirst("(?s).*boxed\\{(\\d{1,9})\\}.*", "$1");
            if (!digits.matches("\\d{1,9}")) {
                return Verdict.unanswered();
            }
            int truth = Integer.parseInt(problem.answers().getFirst());
            return Verdict.of(Math.abs(Integer.parseInt(digits) - truth) <= 1, digits);
        };
        Path checkpoint = Path.of(args[0]);
        var sums = new Suite("sums", new SumProblems(3, 2, 29, 0.4, 0.5, 9).generate(64, 7, List.of()));
        try (Backend backend = new VectorBackend(Runtime.getRuntime().availableProcessors());
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Checkpoint.load(checkpoint, workspace, false);
                var generator = new BatchGenerator(model, 64)) {
            var answering = new Answering(generator, ChatConversation.load(checkpoint), nearly);
            var evaluator = new Evaluator(answering, model.config().maxPositions());
            Evaluation greedy = evaluator.greedy(sums, 32);
            Evaluation sampled = evaluator.sampled(sums, 4, 32, 1);
            System.out.printf("Avg@1 %.1f %%%n", 100 * greedy.avg().mean());
            System.out.printf("Avg@4 %.1f %%%n", 100 * sampled.avg().mean());
        }
    }
}
