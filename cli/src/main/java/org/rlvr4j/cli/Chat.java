package org.rlvr4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.data.Message;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/** Chat with a model: the turns of the user and of the model, which are the history of the next answer. */
final class Chat {

    private static final String EXIT = "/exit";
    private static final String RESET = "/reset";

    private final Speaker speaker;
    private final Sampling longest;
    private final boolean interactive;
    private final List<Message> history = new ArrayList<>();
    private long turns;

    /**
     * @param speaker     answers the turns
     * @param longest     sampling of an answer; the model's positions may leave room for fewer tokens
     * @param interactive whether somebody types the turns: there is a prompt, and what fails does not end the chat
     */
    Chat(Speaker speaker, Sampling longest, boolean interactive) {
        this.speaker = speaker;
        this.longest = longest;
        this.interactive = interactive;
    }

    /** Answers the lines of the input until it ends or asks for the end. */
    void run(StandardInput input) {
        if (interactive) {
            speaker.out().println("/reset begins anew, /exit or Ctrl-D ends.");
        }
        for (String line = next(input); line != null && !line.strip().equals(EXIT); line = next(input)) {
            if (line.strip().equals(RESET)) {
                history.clear();
            } else if (!line.isBlank()) {
                turn(line);
            }
        }
        if (interactive) {
            speaker.out().println();
        }
    }

    @Nullable
    private String next(StandardInput input) {
        if (interactive) {
            speaker.out().print("\n> ");
            speaker.out().flush();
        }
        return input.line();
    }

    private void turn(String line) {
        history.add(new Message("user", line));
        try {
            answer();
        } catch (IllegalArgumentException e) {
            if (!interactive) {
                throw e;
            }
            history.removeLast();
            ModelOptions.warn(String.valueOf(e.getMessage()));
        }
    }

    private Sampling fitting(int room) {
        return new Sampling(
                1,
                longest.temperature(),
                longest.topK(),
                longest.topP(),
                Math.min(room, longest.maxNewTokens()),
                longest.seed());
    }

    private void answer() {
        Prompt prompt = speaker.prompt(turns, List.copyOf(history));
        int room = speaker.positions() - prompt.tokens().length;
        if (room < 1) {
            throw new IllegalArgumentException("the conversation has " + prompt.tokens().length
                    + " tokens, which leave no room for an answer in the model's " + speaker.positions()
                    + " positions: " + RESET + " begins anew");
        }
        Completion answer = speaker.stream(prompt, fitting(room));
        turns++;
        history.add(new Message("assistant", speaker.text(answer)));
        if (answer.isTruncated()) {
            String remedy = answer.length() == room ? RESET + " begins anew" : "raise --max-new-tokens";
            ModelOptions.warn("the answer was cut off at " + answer.length() + " tokens: " + remedy);
        }
    }
}
