package org.rlvr4j.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.checkpoint.ConfigFile;
import org.rlvr4j.run.workers.Workers;
import org.rlvr4j.run.workers.WorkersProvider;

/** Workers on Apache Spark: {@code spark}, within spark-submit, or the address of a master, such as {@code spark://host:7077}. */
public final class SparkWorkers implements WorkersProvider {

    private static final String SUBMITTED = "spark";
    private static final Pattern MASTER =
            Pattern.compile("spark://.+|yarn|k8s://.+|local-cluster\\[(\\d+),(\\d+),(\\d+)]");

    /** Made by {@link java.util.ServiceLoader}. */
    public SparkWorkers() {}

    @Override
    public boolean knows(String name) {
        return name.equals(SUBMITTED) || MASTER.matcher(name).matches();
    }

    @Override
    public Workers open(String name, Task task) {
        SparkConf conf = conf(name);
        MemoryPlan memory = task.memory().apply(workers(conf));
        requireOverhead(conf, memory);
        var spark = new JavaSparkContext(conf);
        int cores = conf.getInt("spark.executor.cores", 1);
        Decoder policy = task.policy();
        var spec = new WorkerSpec(
                Fleet.newName(),
                Machine.here(),
                ConfigFile.text(policy.config()),
                policy.lora().map(Wire.LoraData::of).orElse(null),
                task.frozenType().name(),
                task.trains(),
                task.recompute(),
                cores,
                memory.total());
        try {
            return new Fleet(spark, policy, spec, new Jobs(spark, task.interruption(), memory.toString()));
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    /** Number of executors that the session asks for, if it is known before they come; otherwise 1, which needs most memory. */
    private static int workers(SparkConf conf) {
        Matcher local = MASTER.matcher(conf.get("spark.master", ""));
        return local.matches() && local.group(1) != null
                ? Integer.parseInt(local.group(1))
                : Math.max(1, conf.getInt("spark.executor.instances", 1));
    }

    /** Refuses memory beside the heap that is set, and too little. */
    private static void requireOverhead(SparkConf conf, MemoryPlan memory) {
        String setting = "spark.executor.memoryOverhead";
        if (conf.contains(setting) && conf.getSizeAsMb(setting) << 20 < memory.total()) {
            throw new IllegalArgumentException(setting + " is " + conf.get(setting) + ", but a worker needs " + memory
                    + ": rlvr4j inspect CONFIG --workers N prints the settings to give");
        }
    }

    /** Spark's settings: those it was submitted with, and on top of them what this work needs. */
    static SparkConf conf(String name) {
        var conf = new SparkConf();
        conf.setIfMissing("spark.app.name", "rlvr4j");
        if (!name.equals(SUBMITTED)) {
            conf.setMaster(name);
        }
        Matcher local = MASTER.matcher(name);
        if (local.matches() && local.group(2) != null) {
            conf.setIfMissing("spark.executor.cores", local.group(2));
            conf.setIfMissing("spark.executor.memory", local.group(3) + "m");
            conf.setIfMissing("spark.executorEnv.SPARK_SCALA_VERSION", "2.13");
            conf.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
            conf.setIfMissing("spark.ui.enabled", "false");
        }
        conf.setIfMissing("spark.log.level", "WARN");
        conf.setIfMissing("spark.executor.cores", "1");
        conf.set(
                "spark.task.cpus",
                conf.get("spark.executor.cores")); // one task at a time: its threads are the executor's
        conf.set("spark.driver.maxResultSize", "0"); // a gradient may be large
        conf.setIfMissing("spark.broadcast.compress", "false"); // weights do not shrink
        conf.setIfMissing("spark.broadcast.checksum", "false");
        conf.setIfMissing("spark.broadcast.blockSize", "16m");
        conf.setIfMissing("spark.locality.wait", "0");
        // Java's stream of a shuffled partition holds what it wrote until it is reset: all of a gradient, otherwise.
        conf.setIfMissing("spark.serializer.objectStreamReset", "1");
        return conf;
    }
}
