package org.rlvr4j.cli;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * A kind of input from outside.
 *
 * @param name   of the file, which a rejection has to name; nothing if it is no file
 * @param seeds  valid inputs
 * @param words  that mean something in the format
 * @param repair makes damage to be found behind the first check, such as that of a length
 * @param reader reads an input as the program would
 */
record InputFormat(
        String format,
        String name,
        List<byte[]> seeds,
        List<String> words,
        UnaryOperator<byte[]> repair,
        Reader reader) {

    /** The input of a number: the same for the same seed, whichever were before it. */
    byte[] input(long seed, long number) {
        var random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + number);
        byte[] damaged = new InputMutator(random, words, seeds).mutated();
        return random.nextBoolean() ? repair.apply(damaged) : damaged;
    }

    @FunctionalInterface
    interface Reader {

        void read(byte[] input) throws IOException;
    }
}
