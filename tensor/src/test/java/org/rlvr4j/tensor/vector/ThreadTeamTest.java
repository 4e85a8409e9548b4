package org.rlvr4j.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadTeamTest {

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 0", "2, 1", "2, 2", "3, 1000", "5, 4"})
    void everyChunkRunsExactlyOnceInEveryJob(int threads, int chunks) {
        try (var team = new ThreadTeam(threads)) {
            for (int job = 0; job < 200; job++) {
                var runs = new AtomicIntegerArray(chunks);
                var workers = new AtomicIntegerArray(threads);

                team.forEach(chunks, (chunk, worker) -> {
                    runs.incrementAndGet(chunk);
                    workers.incrementAndGet(worker);
                });

                assertThat(counts(runs)).containsOnly(expected(chunks));
                assertThat(IntStream.of(counts(workers)).sum()).isEqualTo(chunks); // each by a worker of the team
            }
        }
    }

    @Test
    void workersThatFellAsleepWakeForTheNextJob() throws InterruptedException {
        try (var team = new ThreadTeam(2)) {
            for (int job = 0; job < 3; job++) {
                var runs = new AtomicIntegerArray(50);
                team.forEach(50, (chunk, worker) -> runs.incrementAndGet(chunk));
                assertThat(counts(runs)).containsOnly(1);
                Thread.sleep(Duration.ofMillis(100)); // far longer than a worker spins
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void failureOfAChunkReachesTheCallerAndTheTeamGoesOn(int threads) {
        var mistake = new IllegalArgumentException("chunk 7");
        try (var team = new ThreadTeam(threads)) {
            assertThatThrownBy(() -> team.forEach(20, (chunk, worker) -> {
                        if (chunk == 7) {
                            throw mistake;
                        }
                    }))
                    .satisfiesAnyOf(
                            e -> assertThat(e).isSameAs(mistake),
                            e -> assertThat(e).hasMessage("a kernel failed").hasCause(mistake));

            var runs = new AtomicIntegerArray(20);
            team.forEach(20, (chunk, worker) -> runs.incrementAndGet(chunk));
            assertThat(counts(runs)).containsOnly(1);
        }
    }

    @Test
    void teamOfNobodyIsRefused() {
        assertThatThrownBy(() -> new ThreadTeam(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a team needs at least 1 thread, not 0");
    }

    private static int[] expected(int chunks) {
        return chunks == 0 ? new int[0] : new int[] {1};
    }

    private static int[] counts(AtomicIntegerArray array) {
        var counts = new int[array.length()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = array.get(i);
        }
        return counts;
    }
}
