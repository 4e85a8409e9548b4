package org.rlvr4j.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Jobs on the executors, whose results arrive one by one while the caller's thread waits, and which it can end early.
 *
 * @param spark        session
 * @param interruption throws an exception if the work is to end; called ten times a second
 * @param memory       what an executor needs, for the sentence that tells of executors that are lost
 */
record Jobs(JavaSparkContext spark, Runnable interruption, String memory) {

    /** Setting: how long work waits while there is no executor at all; Spark itself starts executors that die again for ever. */
    static final String PATIENCE = "spark.rlvr4j.patience";

    private static final long POLL_MILLISECONDS = 100;
    private static final Pattern UNFIT =
            Pattern.compile(Pattern.quote(Unfit.BEGIN) + "(.*?)" + Pattern.quote(Unfit.END), Pattern.DOTALL);

    /** Piece of work on an executor. */
    @FunctionalInterface
    interface Work<T, R> extends Serializable {

        R of(T task);
    }

    /** What arrives from the thread of a job: a result, or the end with or without an error. */
    private sealed interface Event<R> {

        record Result<R>(R value) implements Event<R> {}

        record End<R>(@Nullable RuntimeException error) implements Event<R> {}
    }

    /** These jobs, which only their caller ends early: an update that has begun is finished, unless its caller knows better. */
    Jobs uninterrupted() {
        return new Jobs(spark, () -> {}, memory);
    }

    /** Runs a piece of work on each task, one task in a partition. */
    <T, R> void run(List<T> tasks, Work<T, R> work, Consumer<R> onResult) {
        run(spark.parallelize(tasks, Math.max(1, tasks.size())), work, onResult);
    }

    /** Runs a piece of work on each element of a data set. */
    <T, R> void run(JavaRDD<T> data, Work<T, R> work, Consumer<R> onResult) {
        BlockingQueue<Event<R>> events = new LinkedBlockingQueue<>();
        String group = "rlvr4j-" + System.nanoTime();
        Thread.ofPlatform()
                .daemon()
                .name(group)
                .start(() -> events.add(new Event.End<>(submitted(data, work, group, events))));
        boolean ended = false;
        long lastSeen = System.nanoTime();
        try {
            while (true) {
                interruption.run();
                if (spark.sc().statusTracker().getExecutorInfos().length > 1) { // with the driver
                    lastSeen = System.nanoTime();
                } else if (System.nanoTime() - lastSeen > TimeUnit.SECONDS.toNanos(patience())) {
                    throw new IllegalArgumentException("no worker has been there for " + patience() + " s (" + PATIENCE
                            + "): they are not granted, or end as they start, as by too little memory; each needs "
                            + memory + ", and the rest is in their logs");
                }
                Event<R> event = events.poll(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
                if (event instanceof Event.Result<R>(R value)) {
                    onResult.accept(value);
                } else if (event instanceof Event.End<R>(RuntimeException error)) {
                    ended = true;
                    if (error != null) {
                        interruption.run(); // Spark ends its jobs, too, when the process is to end
                        throw error;
                    }
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while workers compute", e);
        } finally {
            if (!ended) {
                spark.sc().cancelJobGroup(group);
            }
        }
    }

    private long patience() {
        return spark.getConf().getTimeAsSeconds(PATIENCE, "5min");
    }

    private <T, R> @Nullable RuntimeException submitted(
            JavaRDD<T> data, Work<T, R> work, String group, BlockingQueue<Event<R>> events) {
        try {
            spark.sc().setJobGroup(group, "rlvr4j", false);
            var partitions = new ArrayList<Object>();
            for (int i = 0; i < data.getNumPartitions(); i++) {
                partitions.add(i);
            }
            spark.sc()
                    .<T, List<R>>runJob(
                            data.rdd(),
                            new OnPartition<>(work),
                            CollectionConverters.asScala(partitions).toSeq(),
                            new OnResults<R>(events),
                            ClassTag$.MODULE$.apply(List.class));
            return null;
        } catch (Exception e) { // a SparkException is checked, though Scala does not declare it
            return failure(e);
        }
    }

    /** One sentence for what Spark tells in many. */
    private RuntimeException failure(Exception e) {
        String message = String.valueOf(e.getMessage());
        Matcher unfit = UNFIT.matcher(message);
        if (unfit.find()) {
            return new IllegalArgumentException(unfit.group(1), e);
        }
        if (message.contains("ExecutorLostFailure")
                || message.contains("executor failures")
                || message.contains("removed our application")) {
            return new IllegalArgumentException(
                    "workers were lost again and again, as by too little memory; each needs " + memory, e);
        }
        if (e instanceof SparkException) {
            return new IllegalStateException(message.lines().findFirst().orElse("a job on the workers failed"), e);
        }
        return e instanceof RuntimeException error ? error : new IllegalStateException(message, e);
    }

    /** Applies a piece of work to the elements of a partition. */
    private static final class OnPartition<T, R> extends AbstractFunction2<TaskContext, Iterator<T>, List<R>>
            implements Serializable {

        private static final long serialVersionUID = 1;

        private final Work<T, R> work;

        OnPartition(Work<T, R> work) {
            this.work = work;
        }

        @Override
        public List<R> apply(TaskContext context, Iterator<T> tasks) {
            var results = new ArrayList<R>();
            while (tasks.hasNext()) {
                results.add(work.of(tasks.next()));
            }
            return results;
        }
    }

    /** Takes the results of a partition, on one of Spark's threads. */
    private static final class OnResults<R> extends AbstractFunction2<Object, List<R>, BoxedUnit> {

        private final BlockingQueue<Event<R>> events;

        OnResults(BlockingQueue<Event<R>> events) {
            this.events = events;
        }

        @Override
        public BoxedUnit apply(Object partition, List<R> results) {
            results.forEach(result -> events.add(new Event.Result<>(result)));
            return BoxedUnit.UNIT;
        }
    }
}
