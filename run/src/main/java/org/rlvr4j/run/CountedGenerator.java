package org.rlvr4j.run;

import java.util.List;
import java.util.function.Consumer;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/**
 * Generator that reports every completion when it is finished.
 *
 * @param generator generator of the completions
 * @param answered  action that runs once for each finished completion
 */
public record CountedGenerator(Generator generator, Runnable answered) implements Generator {

    @Override
    public boolean isExact() {
        return generator.isExact();
    }

    @Override
    public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
        List<List<Completion>> completions = generator.generate(prompts, sampling);
        completions.forEach(group -> group.forEach(_ -> answered.run()));
        return completions;
    }

    @Override
    public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
        generator.generate(prompts, sampling, completion -> {
            answered.run();
            ended.accept(completion);
        });
    }
}
