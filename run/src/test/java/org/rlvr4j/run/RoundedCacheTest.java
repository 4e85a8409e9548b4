package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** A training whose rollouts keep keys and values in bfloat16. */
class RoundedCacheTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void trainingSaysOnceThatLogProbabilitiesOfRolloutsAreNotBitEqual() {
        var messages = new ArrayList<String>();

        Results results = Training.of(rounded(folder)).run(new RunListener() {
            @Override
            public void message(String text) {
                messages.add(text);
            }
        });

        assertThat(messages.stream().filter(message -> message.startsWith("training.cacheType")))
                .containsExactly("training.cacheType BFLOAT16: log-probabilities of rollouts are not bit-equal with the"
                        + " training forward's, which are computed after each rollout and used as the old policy's");
        assertThat(results.runs().getFirst().metrics()).hasSize(2);
    }

    @Test
    void planHasHalfTheCacheWhereRolloutsNeedTheMost() {
        long single = Training.of(TrainingTest.tiny(folder, "evaluation.everySteps=1", "warmUp=null"))
                .plan(RunListener.SILENT)
                .keysAndValues();

        assertThat(2
                        * Training.of(rounded(folder, "evaluation.everySteps=1", "warmUp=null"))
                                .plan(RunListener.SILENT)
                                .keysAndValues())
                .isEqualTo(single);
    }

    @Test
    void deviceWithoutSuchACacheIsRefusedInOneSentence() {
        var plain = new ScalarBackend();
        var without = (Backend) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) ->
                        method.getName().equals("cachesBfloat16") ? false : method.invoke(plain, arguments));

        assertThatThrownBy(() -> Training.of(rounded(folder)).on(without).run(RunListener.SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training.cacheType: this device has no cache of keys and values as BF16, only as F32");
    }

    private static RunConfig rounded(Path folder, String... overrides) {
        var settings = new ArrayList<>(List.of("training.cacheType=BFLOAT16"));
        settings.addAll(List.of(overrides));
        return TrainingTest.tiny(folder, settings.toArray(String[]::new));
    }
}
