package org.rlvr4j.data;

/**
 * One turn of a conversation.
 *
 * @param role    who speaks: {@code system}, {@code user} or {@code assistant}
 * @param content what is said
 */
public record Message(String role, String content) {}
