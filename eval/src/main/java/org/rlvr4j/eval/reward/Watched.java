package org.rlvr4j.eval.reward;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;

/**
 * Watched verifier: a user's own, whose failures name reward, problem and response, and whose endless loops end the run.
 */
public final class Watched implements Verifier {

    private static final int SHOWN = 120; // characters of a response in a message
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("reward-", 0).factory());

    private final String name;
    private final Verifier verifier;
    private final Duration limit;
    private final @Nullable Double onException;
    private final AtomicReference<@Nullable Set<String>> names = new AtomicReference<>();

    /**
     * @param name        name of the reward in messages
     * @param verifier    verifier to watch
     * @param limit       longest time for one response; a call that takes longer ends the run, as it may never end
     * @param onException value of a response on which the verifier throws an exception; null to end the run
     */
    public Watched(String name, Verifier verifier, Duration limit, @Nullable Double onException) {
        this.name = name;
        this.verifier = verifier;
        this.limit = limit;
        this.onException = onException;
    }

    /** @throws RewardException if the verifier fails, takes too long, or gives no usable numbers */
    @Override
    public Verdict verify(Problem problem, Answer answer) {
        Future<@Nullable Verdict> call = THREADS.submit(() -> verifier.verify(problem, answer));
        try {
            return checked(call.get(limit.toNanos(), TimeUnit.NANOSECONDS), problem, answer);
        } catch (TimeoutException e) {
            call.cancel(true);
            throw new RewardException(
                    place(problem, answer) + " did not end within " + limit.toSeconds() + " seconds", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (onException != null && cause instanceof Exception) {
                return Verdict.of(Stage.DIFFERENT, Optional.empty()).with(Map.of(Verdict.VALUE, onException));
            }
            throw new RewardException(place(problem, answer) + " failed: " + described(cause), cause);
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new RewardException(place(problem, answer) + " was interrupted", e);
        }
    }

    private Verdict checked(@Nullable Verdict verdict, Problem problem, Answer answer) {
        if (verdict == null) {
            throw new RewardException(place(problem, answer) + " gave no verdict, but null");
        }
        verdict.parts().forEach((part, value) -> {
            if (!part.matches("[\\w-]+")) {
                throw new RewardException(place(problem, answer) + " gave a part called \"" + part
                        + "\"; a name is letters, digits, _ and -");
            }
            if (!Double.isFinite(value)) {
                throw new RewardException(place(problem, answer) + " gave " + value + " for the part " + part);
            }
        });
        Set<String> given = new TreeSet<>(verdict.parts().keySet());
        given.remove(Verdict.VALUE); // the same as right or wrong: one number
        Set<String> first = names.compareAndExchange(null, given);
        if (first != null && !first.equals(given)) {
            throw new RewardException(place(problem, answer) + " gave the parts " + given + " and the parts " + first
                    + " for another response; each response must have the same");
        }
        return verdict;
    }

    private String place(Problem problem, Answer answer) {
        String text = line(answer.text());
        return "the reward " + name + ", on problem " + problem.key() + " and response \""
                + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...") + "\",";
    }

    /** The exception, and where in the verifier's own code it was thrown. */
    private String described(Throwable cause) {
        for (StackTraceElement frame : cause.getStackTrace()) {
            if (frame.getClassName().startsWith(verifier.getClass().getName())) {
                return line(cause.toString()) + " (line " + frame.getLineNumber() + " of " + frame.getFileName() + ")";
            }
        }
        return line(cause.toString());
    }

    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    @Override
    public void check(Problem problem) {
        verifier.check(problem);
    }

    @Override
    public boolean same(String answer, String other) {
        return verifier.same(answer, other);
    }
}
