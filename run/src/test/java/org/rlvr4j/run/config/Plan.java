package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A configuration of all kinds of settings, for tests of how settings are read and written. */
record Plan(
        String name,
        Path folder,
        int steps,
        double learningRate,
        boolean resume,
        Weight weight,
        List<Long> seeds,
        Clip clip,
        List<Clip> suites) {

    static final String COMPLETE = """
        name: plan a
        folder: runs/a
        steps: 12
        learningRate: 5e-5
        resume: false
        weight: sequence-mean
        seeds: [1, 2, 3]
        clip:
          type: fixed
          low: 0.2
          high: 0.28
        suites:
          - {type: dual, maxRatio: 10, note: null}
          - {type: fixed, low: 0.1, high: 0.2}
        """;

    Plan {
        if (steps <= 0) {
            throw new IllegalArgumentException("steps must be positive, not " + steps);
        }
    }

    /** Looks like a property, and must not be written as one. */
    public boolean isLong() {
        return steps > 100;
    }

    enum Weight {
        @JsonProperty("sequence-mean")
        SEQUENCE_MEAN,
        @JsonProperty("token-mean")
        TOKEN_MEAN
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Clip.Fixed.class, name = "fixed"),
        @JsonSubTypes.Type(value = Clip.Dual.class, name = "dual")
    })
    sealed interface Clip {

        record Fixed(double low, double high) implements Clip {

            public Fixed {
                if (low > high) {
                    throw new IllegalArgumentException("low " + low + " must be at most high " + high);
                }
            }
        }

        record Dual(float maxRatio, @Nullable String note) implements Clip {}
    }
}
