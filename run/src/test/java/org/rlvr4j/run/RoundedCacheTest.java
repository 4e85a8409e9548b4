package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
        assertThat(mismatches(folder)).hasSize(2).allSatisfy(mismatch -> assertThat(mismatch)
                .isBetween(1e-7, 1e-2));
    }

    @Test
    void rolloutsOfAnInexactDeviceAreScoredAsWell() {
        var messages = new ArrayList<String>();
        var inexact = with(Map.of("isExact", false));

        Training.of(TrainingTest.tiny(folder)).on(inexact).run(new RunListener() {
            @Override
            public void message(String text) {
                messages.add(text);
            }
        });

        assertThat(messages.stream().filter(message -> message.startsWith("products in")))
                .hasSize(1);
        assertThat(mismatches(folder)).containsExactly(0.0, 0.0); // it says so, but is exact
    }

    @Test
    void runThatIsExactHasNoMismatch() {
        Training.of(TrainingTest.tiny(folder)).run(RunListener.SILENT);

        assertThat(mismatches(folder)).isEmpty();
    }

    @Test
    void oldPolicyMayBeTheRollouts() {
        var messages = new ArrayList<String>();

        Results results = Training.of(rounded(
                        folder,
                        "training.oldPolicy=ROLLOUT",
                        "methods=[{algorithm: GRPO, change: {SURROGATE: {kind: TIS, truncation: 2}}}]"))
                .run(new RunListener() {
                    @Override
                    public void message(String text) {
                        messages.add(text);
                    }
                });

        assertThat(messages)
                .contains("training.cacheType BFLOAT16: log-probabilities of rollouts are not bit-equal with the"
                        + " training forward's, which are computed after each rollout for the metrics mismatch,"
                        + " maxMismatch and mismatchKl");
        assertThat(mismatches(folder)).hasSize(2).allSatisfy(mismatch -> assertThat(mismatch)
                .isPositive());
        assertThat(results.runs().getFirst().metrics())
                .allSatisfy(step -> assertThat(step.ppoKl()).isNotZero());
    }

    /** The mean mismatch of each step, if it is written. */
    private static List<Double> mismatches(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            Path metrics = files.filter(file -> file.endsWith("metrics.jsonl"))
                    .findFirst()
                    .orElseThrow();
            return Pattern.compile("\"mismatch\":([0-9.E-]+)")
                    .matcher(Files.readString(metrics))
                    .results()
                    .map(result -> Double.valueOf(result.group(1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        Backend without = with(Map.of("cachesBfloat16", false));

        assertThatThrownBy(() -> Training.of(rounded(folder)).on(without).run(RunListener.SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training.cacheType: this device has no cache of keys and values as BF16, only as F32");
    }

    /** Plain loops with other answers of some methods. */
    private static Backend with(Map<String, Boolean> answers) {
        var plain = new ScalarBackend();
        return (Backend) Proxy.newProxyInstance(
                RoundedCacheTest.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> answers.containsKey(method.getName())
                        ? answers.get(method.getName())
                        : method.invoke(plain, arguments));
    }

    private static RunConfig rounded(Path folder, String... overrides) {
        var settings = new ArrayList<>(List.of("training.cacheType=BFLOAT16"));
        settings.addAll(List.of(overrides));
        return TrainingTest.tiny(folder, settings.toArray(String[]::new));
    }
}
