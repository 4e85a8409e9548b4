package org.rlvr4j.eval.reward;

import java.io.Serial;

/** Failure of a reward on one response; the message is one sentence that names reward, problem and response. */
public final class RewardException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1;

    RewardException(String message) {
        super(message);
    }

    RewardException(String message, Throwable cause) {
        super(message, cause);
    }
}
