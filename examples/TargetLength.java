import java.util.Map;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * A reward in one file: minus the distance of a response's length from the length that the problem's answer asks for, both in
 * tokens, the one that ends the response included. A response within 8 tokens counts as right.
 *
 * <pre>scripts/rlvr4j train examples/length50.yaml --set model.path=FOLDER</pre>
 */
public final class TargetLength implements Verifier {

    private static final int CLOSE = 8; // tokens

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        int target = Integer.parseInt(problem.answers().getFirst());
        int distance = Math.abs(target - answer.tokens().length);
        return Verdict.of(distance <= CLOSE).with(Map.of(Verdict.VALUE, (double) -distance));
    }
}
