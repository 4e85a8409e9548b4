package org.rlvr4j.eval;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;

/** Conversation about a suite's problems by the suite's protocol. */
public final class ProtocolConversation implements Conversation {

    private final ChatConversation chat;
    private final Protocol protocol;
    private final Map<List<Message>, int[]> prompts = new ConcurrentHashMap<>();

    /**
     * @param chat     tokenizer, chat template and settings of the prompts
     * @param protocol how problems are asked, and where answers end
     */
    public ProtocolConversation(ChatConversation chat, Protocol protocol) {
        this.chat = chat;
        this.protocol = protocol;
    }

    /** {@inheritDoc} Each prompt is rendered and tokenised once. */
    @Override
    public int[] prompt(Problem problem) {
        return prompts.computeIfAbsent(problem.prompt(), this::encode);
    }

    private int[] encode(List<Message> prompt) {
        List<Message> turns = protocol.turns(prompt);
        return switch (protocol.form()) {
            case CHAT -> chat.encode(turns);
            case TEXT -> chat.tokenizer().encodePrompt(Protocol.text(chat.messages(turns)));
        };
    }

    /**
     * A problem's prompt as the model reads it, special tokens included.
     *
     * @param problem the problem
     */
    public String shown(Problem problem) {
        return chat.tokenizer().decode(prompt(problem), false);
    }

    @Override
    public String text(int[] tokens) {
        return protocol.ended(chat.text(tokens));
    }
}
