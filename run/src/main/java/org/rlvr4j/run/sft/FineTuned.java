package org.rlvr4j.run.sft;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.report.Table;
import org.rlvr4j.run.report.TrainingReport;
import org.rlvr4j.run.supervised.SupervisedSteps;

/**
 * Result of a fine-tuning.
 *
 * @param config  configuration of the training
 * @param state   number of steps, and losses
 * @param seconds seconds of training
 */
public record FineTuned(SupervisedConfig config, SupervisedSteps.State state, double seconds) {

    private static final String MODEL = "checkpoint";

    /** Folder of the trained model in Hugging Face layout, or of its adapters in PEFT's. */
    public Path model() {
        return model(config);
    }

    static Path model(SupervisedConfig config) {
        return config.output().resolve(MODEL);
    }

    /** Path of the HTML report. */
    public Path reportFile() {
        return TrainingReport.file(config.output());
    }

    /** Number of steps after which the weights of {@link #model} were what they are there. */
    public int modelSteps() {
        return state.isBeyondBest() ? state.bestStep() : state.steps();
    }

    /** Table of the losses, in nats per learned token. */
    public Table table() {
        var columns = new ArrayList<>(List.of("Steps", "Loss"));
        var cells = new ArrayList<>(List.of(Integer.toString(state.steps()), shown(state.loss())));
        if (state.best() != null) {
            columns.addAll(List.of("Held-back loss before", "after", "lowest", "after step"));
            cells.addAll(List.of(
                    shown(state.before()),
                    shown(state.heldBack()),
                    shown(state.best()),
                    Integer.toString(state.bestStep())));
        }
        return new Table("", columns, List.of(cells));
    }

    private static String shown(@Nullable Double loss) {
        return loss == null ? "-" : String.format(Locale.ROOT, "%.4f", loss);
    }

    /** The numbers by name, and the paths of model and report. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("steps", state.steps());
        putIfMeasured(map, "loss", state.loss());
        putIfMeasured(map, "heldBackLossBefore", state.before());
        putIfMeasured(map, "heldBackLoss", state.heldBack());
        putIfMeasured(map, "lowestHeldBackLoss", state.best());
        map.put("modelSteps", modelSteps());
        map.put("seconds", seconds);
        map.put("model", model().toString());
        map.put("report", reportFile().toString());
        return map;
    }

    private static void putIfMeasured(Map<String, Object> map, String name, @Nullable Double loss) {
        if (loss != null) {
            map.put(name, loss);
        }
    }
}
