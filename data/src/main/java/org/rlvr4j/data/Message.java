package org.rlvr4j.data;

/**
 * Message: one turn of a conversation.
 *
 * @param role    speaker: {@code system}, {@code user} or {@code assistant}
 * @param content text of the turn
 */
public record Message(String role, String content) {}
