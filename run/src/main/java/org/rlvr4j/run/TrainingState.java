package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Training state in a checkpoint, beside the model, the optimizer's moments and the log files.
 *
 * @param trainer  state of the trainer
 * @param curve    greedy accuracy so far, from 0 to 1, by step
 * @param seconds  seconds of training so far
 * @param start    digest of the weights that training started from
 * @param problems digest of the training problems
 * @param rewards  digest of the code that judges answers; empty if it is rlvr4j's alone
 */
record TrainingState(
        Trainer.State trainer,
        SortedMap<Long, Double> curve,
        double seconds,
        String start,
        String problems,
        String rewards) {

    private static final String FILE = "state.json";
    private static final JsonMapper JSON = new JsonMapper();

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(this));
    }

    static TrainingState read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return JSON.readValue(Files.readString(file), TrainingState.class);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    file + " is of another version of rlvr4j, which cannot be resumed; start over with --fresh", e);
        }
    }
}
