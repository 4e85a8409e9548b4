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
import org.jspecify.annotations.Nullable;
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
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.disk.DiskPlan;
import org.rlvr4j.run.disk.DiskSpace;
import org.rlvr4j.run.report.Table;
import org.rlvr4j.run.sft.FineTuning;

/**
 * Inspection of a model: its facts, and the memory and disk that work with it needs, found without loading its weights.
 *
 * @param facts   facts by name
 * @param caption short description of the work that the memory is for
 * @param plan    memory that the work needs
 * @param disk    disk that the work needs; null if it writes nothing
 * @param check   check whether the work fits in the memory of a machine
 */
record Inspection(
        Map<String, String> facts,
        String caption,
        MemoryPlan plan,
        @Nullable Disk disk,
        Consumer<MachineMemory> check) {

    /**
     * Disk that training needs.
     *
     * @param plan  plan of the training
     * @param space space of its output folder
     * @param check check whether the training fits in the space
     */
    record Disk(DiskPlan plan, DiskSpace space, Runnable check) {

        /** A table of the parts, and whether there is space. */
        String toText() {
            String verdict = "%s stays in the end; there is %s in the file system of %s: %s%n"
                    .formatted(
                            MachineMemory.gigabytes(plan.left()),
                            MachineMemory.gigabytes(space.free()),
                            space.folder(),
                            space.fits(plan) ? "fits" : "does not fit");
            return table("disk of training at its peak", plan.parts(), plan.peak()) + "\n" + verdict;
        }

        Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("folder", space.folder().toString());
            map.put("parts", plan.parts());
            map.put("total", plan.peak());
            map.put("left", plan.left());
            map.put("used", space.used());
            map.put("free", space.free());
            map.put("fits", space.fits(plan));
            return map;
        }
    }

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
                null,
                machine -> machine.requireGeneration(plan));
    }

    /**
     * Inspection of a configuration's model, and of the memory of training by the configuration.
     *
     * @param messages stream for messages about the problems
     * @throws IllegalArgumentException if training cannot begin, with the message of the training itself
     */
    static Inspection ofTraining(RunConfig config, PrintStream messages) {
        Training training = Training.of(config);
        MemoryPlan plan = training.plan(new TerminalListener(Screen.of(messages), messages));
        DiskPlan disk = training.diskPlan();
        DiskSpace space = DiskSpace.of(config.output());
        return new Inspection(
                facts(config.model()),
                "memory of training",
                plan,
                new Disk(disk, space, () -> space.require(disk, config)),
                machine -> machine.require(plan, config));
    }

    /**
     * Inspection of the model of a configuration of supervised learning, and of the memory of training by it.
     *
     * @param messages stream for messages about the examples
     * @throws IllegalArgumentException if training cannot begin, with the message of the training itself
     */
    static Inspection ofSupervised(SupervisedConfig config, PrintStream messages) {
        FineTuning training = FineTuning.of(config);
        MemoryPlan plan = training.plan(new TerminalListener(Screen.of(messages), messages));
        DiskPlan disk = training.diskPlan();
        DiskSpace space = DiskSpace.of(config.output());
        return new Inspection(
                facts(config.model()),
                "memory of sft",
                plan,
                new Disk(disk, space, () -> space.require(disk, config)),
                machine -> machine.require(plan, config));
    }

    private static Map<String, String> facts(RunConfig.Start start) {
        return start instanceof RunConfig.Start.Checkpoint checkpoint
                ? facts(Wiring.config(start), checkpoint.path(), start.tokenizer())
                : facts(Wiring.config(start), start.tokenizer());
    }

    /**
     * Refuses work that does not fit in the memory of a machine or on the disk, with the message that the work itself would
     * refuse with.
     *
     * @throws MachineMemory.DoesNotFitException if it does not fit in the memory
     * @throws IllegalArgumentException          if it does not fit on the disk
     */
    void requireFit(MachineMemory machine) {
        check.accept(machine);
        if (disk != null) {
            disk.check.run();
        }
    }

    /** The facts, tables of the memory and the disk, and whether a machine has them. */
    String toText(MachineMemory machine) {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        String list = facts.entrySet().stream()
                .map(fact -> fact.getKey() + " ".repeat(width - fact.getKey().length()) + fact.getValue() + "\n")
                .collect(Collectors.joining());
        String table = table(caption, plan.parts(), plan.total());
        String verdict = "the machine has " + machine + ": " + (machine.fits(plan) ? "fits" : "does not fit") + "\n";
        String memory = String.join("\n", list, table, verdict);
        return disk == null ? memory : memory + "\n" + disk.toText();
    }

    static String table(String caption, Map<String, Long> parts, long total) {
        Stream<List<String>> rows =
                parts.entrySet().stream().map(part -> List.of(part.getKey(), gigabytes(part.getValue())));
        Stream<List<String>> last = Stream.of(List.of("total", gigabytes(total)));
        return new Table(
                        caption,
                        List.of("part", "GB"),
                        Stream.concat(rows, last).toList())
                .toText();
    }

    /** The facts as texts, and memory and disk in bytes. */
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
        if (disk != null) {
            map.put("disk", disk.toMap());
        }
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
