package org.rlvr4j.cli.report;

import java.util.List;
import java.util.function.Consumer;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Sampling;

/** A generator whose every completion is a unit of progress. */
public record Counted(Generator generator, Progress progress) implements Generator {

    @Override
    public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
        List<List<Completion>> completions = generator.generate(prompts, sampling);
        completions.forEach(group -> group.forEach(_ -> progress.advance("")));
        return completions;
    }

    @Override
    public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
        generator.generate(prompts, sampling, completion -> {
            progress.advance("");
            ended.accept(completion);
        });
    }
}
