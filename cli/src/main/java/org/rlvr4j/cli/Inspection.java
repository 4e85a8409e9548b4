package org.rlvr4j.cli;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.RopeScaling;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.report.Table;

/**
 * Inspection of a model: its facts and the memory it needs, found without loading its weights.
 *
 * @param facts   facts by name
 * @param caption short description of the work that the memory is for
 * @param plan    memory that the work needs
 * @param check   check whether the work fits in the memory of a machine
 */
record Inspection(Map<String, String> facts, String caption, MemoryPlan plan, Consumer<MachineMemory> check) {

    /** Load of generation with the defaults of the commands eval and generate. */
    private static final MemoryPlan.GeneratorCall DEFAULT_LOAD = new MemoryPlan.GeneratorCall(16, 16, 1024, 3072);

    /**
     * Inspection of a checkpoint, and of the memory of generation with it.
     *
     * @param folder folder in Hugging Face layout
     * @throws IllegalArgumentException if the checkpoint cannot be loaded
     */
    static Inspection ofCheckpoint(Path folder) {
        Checkpoint.require(folder);
        ModelConfig config = Checkpoint.config(folder);
        MemoryPlan plan = MemoryPlan.of(config, Checkpoint.matrixType(folder), DEFAULT_LOAD);
        return new Inspection(
                facts(config, folder, folder),
                "memory of generation, %d sequences of at most %d tokens"
                        .formatted(DEFAULT_LOAD.sequences(), DEFAULT_LOAD.promptTokens() + DEFAULT_LOAD.newTokens()),
                plan,
                machine -> machine.requireGeneration(plan));
    }

    /**
     * Inspection of a configuration's model, and of the memory of training by the configuration.
     *
     * @param messages stream for messages about the problems
     * @throws IllegalArgumentException if training cannot begin, with the message of the training itself
     */
    static Inspection ofTraining(RunConfig config, PrintStream messages) {
        RunConfig.Start start = config.model();
        MemoryPlan plan = Training.of(config).plan(new TerminalListener(Screen.of(messages), messages));
        Map<String, String> facts = start instanceof RunConfig.Start.Checkpoint checkpoint
                ? facts(Wiring.config(start), checkpoint.path(), start.tokenizer())
                : facts(Wiring.config(start), start.tokenizer());
        return new Inspection(facts, "memory of training", plan, machine -> machine.require(plan, config));
    }

    /**
     * Refuses work that does not fit in the memory of a machine.
     *
     * @throws MachineMemory.DoesNotFitException if it does not, with the message that the work itself would refuse with
     */
    void requireFit(MachineMemory machine) {
        check.accept(machine);
    }

    /** The facts, a table of the memory, and whether a machine has it. */
    String toText(MachineMemory machine) {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        String list = facts.entrySet().stream()
                .map(fact -> fact.getKey() + " ".repeat(width - fact.getKey().length()) + fact.getValue() + "\n")
                .collect(Collectors.joining());
        Stream<List<String>> parts =
                plan.parts().entrySet().stream().map(part -> List.of(part.getKey(), gigabytes(part.getValue())));
        Stream<List<String>> total = Stream.of(List.of("total", gigabytes(plan.total())));
        String table = new Table(
                        caption,
                        List.of("part", "GB"),
                        Stream.concat(parts, total).toList())
                .toText();
        String verdict = "the machine has " + machine + ": " + (machine.fits(plan) ? "fits" : "does not fit") + "\n";
        return String.join("\n", list, table, verdict);
    }

    /** The facts as texts, and the memory in bytes. */
    Map<String, Object> toMap(MachineMemory machine) {
        var memory = new LinkedHashMap<String, Object>();
        memory.put("of", caption);
        memory.put("parts", plan.parts());
        memory.put("total", plan.total());
        memory.put("machine", machine.bytes());
        memory.put("fits", machine.fits(plan));
        var map = new LinkedHashMap<String, Object>();
        map.put("facts", facts);
        map.put("memory", memory);
        return map;
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / 1e9);
    }

    private static Map<String, String> facts(ModelConfig config, Path folder, Path tokenizer) {
        var facts = new LinkedHashMap<String, String>();
        facts.put("checkpoint", folder.toString());
        facts.putAll(facts(config, tokenizer));
        facts.put("on disk", stored(folder));
        return facts;
    }

    private static Map<String, String> facts(ModelConfig config, Path tokenizer) {
        var facts = new LinkedHashMap<String, String>();
        facts.put(
                "model",
                "%s, %d layers, hidden size %d, MLP %d, %d heads of size %d, %d of keys and values"
                        .formatted(
                                config.family(),
                                config.layers(),
                                config.hiddenSize(),
                                config.mlpSize(),
                                config.heads(),
                                config.headSize(),
                                config.keyValueHeads()));
        facts.put(
                "vocabulary",
                config.vocabularySize() + " tokens, embeddings " + (config.tiedEmbeddings() ? "tied" : "not tied")
                        + ", at most " + config.maxPositions() + " positions");
        RopeScaling scaling = config.variant().ropeScaling();
        if (!(scaling instanceof RopeScaling.None)) {
            facts.put("rotary scaling", scaling.toString());
        }
        facts.put("parameters", parameters(config));
        facts.put("tokenizer", attempt(() -> Tokenizer.load(tokenizer).size() + " tokens"));
        facts.put("chat template", attempt(() -> {
            ChatConversation.load(tokenizer);
            return "yes";
        }));
        return facts;
    }

    /** Number of parameters in millions, in all and by part of the model. */
    private static String parameters(ModelConfig config) {
        Map<String, Long> parts = config.weights().stream()
                .collect(Collectors.groupingBy(
                        spec -> part(spec.name()), LinkedHashMap::new, Collectors.summingLong(spec -> spec.shape()
                                .size())));
        long all = parts.values().stream().mapToLong(size -> size).sum();
        return parts.entrySet().stream()
                .map(part -> part.getKey() + " " + millions(part.getValue()))
                .collect(Collectors.joining(", ", millions(all) + " million: ", ""));
    }

    private static String part(String name) {
        return Stream.of("embed_tokens", "norm", "self_attn", "mlp", "lm_head")
                .filter(name::contains)
                .map(part -> switch (part) {
                    case "embed_tokens" -> "embedding";
                    case "norm" -> "norms";
                    case "self_attn" -> "attention";
                    case "mlp" -> "MLP";
                    default -> "output";
                })
                .findFirst()
                .orElse(name);
    }

    private static String millions(long count) {
        return String.format(Locale.ROOT, "%.2f", count / 1e6);
    }

    private static String stored(Path folder) {
        try (Safetensors file = Safetensors.open(folder)) {
            var sizes = new TreeMap<String, Long>();
            for (String name : file.names()) {
                Safetensors.Entry entry = file.entry(name);
                sizes.merge(entry.dtype().name(), entry.bytes(), Long::sum);
            }
            return sizes.entrySet().stream()
                    .map(size -> size.getKey() + " " + gigabytes(size.getValue()) + " GB")
                    .collect(Collectors.joining(", "));
        }
    }

    /** The fact, or the reason why there is none: a checkpoint can lack a tokenizer or a chat template. */
    private static String attempt(Supplier<String> fact) {
        try {
            return fact.get();
        } catch (IllegalArgumentException | UncheckedIOException e) {
            return "none: " + e.getMessage();
        }
    }
}
