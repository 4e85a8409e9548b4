package org.rlvr4j.tensor;

import java.util.Arrays;

/**
 * Cosines and sines of rotary position embedding: position p rotates the pair (i, i + D/2) by p times a frequency.
 *
 * <p>Angles are computed in single precision, as they were when the checkpoints were trained.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., 2021</a>
 */
public final class RopeTable {

    private final int half;
    private final float[] frequencies;
    private final float magnitude;
    private float[] cos = {};
    private float[] sin = {};

    /**
     * A table of the frequencies {@code 1 / theta^(2i/D)}.
     *
     * @param size  D, number of features per head
     * @param theta base of the frequencies
     */
    public RopeTable(int size, double theta) {
        this(frequencies(size, theta), 1);
    }

    /**
     * A table of other frequencies.
     *
     * @param frequencies (D/2) angle of each pair of features at position 1, in radians
     * @param magnitude   factor of all cosines and sines, by which rotated queries and keys grow; 1 for a mere rotation
     */
    public RopeTable(float[] frequencies, float magnitude) {
        this.half = frequencies.length;
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
    }

    /**
     * The frequencies (D/2) {@code 1 / theta^(2i/D)}.
     *
     * @param size  D, number of features per head
     * @param theta base of the frequencies
     */
    public static float[] frequencies(int size, double theta) {
        var frequencies = new float[size / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 / (float) StrictMath.pow(theta, (float) (2 * i) / size);
        }
        return frequencies;
    }

    /**
     * Extends the table to the given positions. Not thread-safe: a backend calls it before it starts its threads.
     *
     * @param positions positions of rows in their sequences
     */
    public void cover(int[] positions) {
        int needed = 0;
        for (int position : positions) {
            needed = Math.max(needed, position + 1);
        }
        int known = cos.length / half;
        if (needed <= known) {
            return;
        }
        int length = Math.max(needed, 2 * known);
        cos = Arrays.copyOf(cos, length * half);
        sin = Arrays.copyOf(sin, length * half);
        for (int p = known; p < length; p++) {
            for (int i = 0; i < half; i++) {
                float angle = p * frequencies[i];
                cos[p * half + i] = (float) StrictMath.cos(angle) * magnitude;
                sin[p * half + i] = (float) StrictMath.sin(angle) * magnitude;
            }
        }
    }

    /**
     * Cosine of an angle, times the magnitude.
     *
     * @param position position in a sequence, which the table covers
     * @param i        pair of features, from 0 to D/2 - 1
     */
    public float cos(int position, int i) {
        return cos[position * half + i];
    }

    /**
     * Sine of an angle, times the magnitude.
     *
     * @param position position in a sequence, which the table covers
     * @param i        pair of features, from 0 to D/2 - 1
     */
    public float sin(int position, int i) {
        return sin[position * half + i];
    }

    /** Cosines (positions, D/2) times the magnitude, for vector loads. */
    public float[] cosines() {
        return cos;
    }

    /** Sines (positions, D/2) times the magnitude, for vector loads. */
    public float[] sines() {
        return sin;
    }
}
