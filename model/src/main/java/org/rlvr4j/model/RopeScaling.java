package org.rlvr4j.model;

import org.rlvr4j.tensor.Require;
import org.rlvr4j.tensor.RopeTable;

/**
 * Scaling of rotary positions, by which a model reads longer texts than it was first trained on.
 *
 * <p>Frequencies are computed in single precision, step by step as Transformers does.
 */
public sealed interface RopeScaling {

    /**
     * The scaled frequencies (D/2), in radians per position.
     *
     * @param size  D, width of a head
     * @param theta base of the frequencies without scaling
     */
    float[] frequencies(int size, double theta);

    /** Factor of rotated queries and of rotated keys; 1 for none. */
    default double magnitude() {
        return 1;
    }

    /**
     * The table of angles.
     *
     * @param size  D, width of a head
     * @param theta base of the frequencies without scaling
     */
    default RopeTable table(int size, double theta) {
        return new RopeTable(frequencies(size, theta), (float) magnitude());
    }

    /** No scaling: {@code default} in files. */
    record None() implements RopeScaling {

        @Override
        public float[] frequencies(int size, double theta) {
            return RopeTable.frequencies(size, theta);
        }
    }

    /**
     * Positions divided by a factor: {@code linear}.
     *
     * @param factor divisor of all positions
     */
    record Linear(double factor) implements RopeScaling {

        public Linear {
            requirePositive("factor", factor);
        }

        @Override
        public float[] frequencies(int size, double theta) {
            float[] frequencies = RopeTable.frequencies(size, theta);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= (float) factor;
            }
            return frequencies;
        }
    }

    /**
     * Low frequencies divided by a factor, high ones kept, and those between blended: {@code llama3}.
     *
     * @param factor            divisor of the low frequencies
     * @param lowFactor         rotations over the original positions up to which a frequency is low
     * @param highFactor        rotations over the original positions from which a frequency is high
     * @param originalPositions length in tokens of the longest sequence before the scaling
     */
    record Llama3(double factor, double lowFactor, double highFactor, int originalPositions) implements RopeScaling {

        public Llama3 {
            requirePositive("factor", factor);
            requirePositive("low_freq_factor", lowFactor);
            requirePositive("original_max_position_embeddings", originalPositions);
            Require.that(
                    highFactor > lowFactor && Double.isFinite(highFactor),
                    "high_freq_factor must be greater than low_freq_factor " + lowFactor + ", not " + highFactor);
        }

        @Override
        public float[] frequencies(int size, double theta) {
            float[] frequencies = RopeTable.frequencies(size, theta);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = scaled(frequencies[i]);
            }
            return frequencies;
        }

        private float scaled(float frequency) {
            float wavelength = 1 / frequency * (float) (2 * Math.PI);
            if (wavelength > (float) (originalPositions / lowFactor)) {
                return frequency / (float) factor;
            }
            if (wavelength < (float) (originalPositions / highFactor)) {
                return frequency;
            }
            float rotations = 1 / wavelength * originalPositions;
            float kept = (rotations - (float) lowFactor) / (float) (highFactor - lowFactor);
            return (1 - kept) * frequency / (float) factor + kept * frequency;
        }
    }

    /**
     * Frequencies divided by a factor, the fewer the faster they are, and queries and keys magnified: {@code yarn}.
     *
     * @param factor            divisor of the lowest frequencies
     * @param originalPositions length in tokens of the longest sequence before the scaling
     * @param magnitude         factor of rotated queries and of rotated keys
     * @param fastRotations     rotations over the original positions from which a frequency is kept
     * @param slowRotations     rotations over the original positions up to which a frequency is divided
     * @param wholePairs        whether the range between the two is widened to whole pairs of features
     * @see <a href="https://arxiv.org/abs/2309.00071">Peng et al., 2023</a>
     */
    record Yarn(
            double factor,
            int originalPositions,
            double magnitude,
            double fastRotations,
            double slowRotations,
            boolean wholePairs)
            implements RopeScaling {

        private static final double NO_RANGE = 0.001; // width of a range without any, as in Transformers

        public Yarn {
            requirePositive("factor", factor);
            requirePositive("original_max_position_embeddings", originalPositions);
            requirePositive("attention_factor", magnitude);
            requirePositive("beta_fast", fastRotations);
            requirePositive("beta_slow", slowRotations);
        }

        @Override
        public float[] frequencies(int size, double theta) {
            double low = pair(fastRotations, size, theta);
            double high = pair(slowRotations, size, theta);
            low = Math.max(wholePairs ? Math.floor(low) : low, 0);
            high = Math.min(wholePairs ? Math.ceil(high) : high, size - 1);
            float width = (float) (low == high ? NO_RANGE : high - low);
            var frequencies = new float[size / 2];
            for (int i = 0; i < frequencies.length; i++) {
                float power = (float) StrictMath.pow(theta, (float) (2 * i) / size);
                float kept = 1 - Math.clamp((i - (float) low) / width, 0f, 1f);
                frequencies[i] = 1 / ((float) factor * power) * (1 - kept) + 1 / power * kept;
            }
            return frequencies;
        }

        /** Index of the pair of features, in fractions, that makes a number of rotations over the original positions. */
        private double pair(double rotations, int size, double theta) {
            return size * StrictMath.log(originalPositions / (rotations * 2 * Math.PI)) / (2 * StrictMath.log(theta));
        }
    }

    private static void requirePositive(String field, double value) {
        Require.that(value > 0 && Double.isFinite(value), field + " must be positive, not " + value);
    }
}
