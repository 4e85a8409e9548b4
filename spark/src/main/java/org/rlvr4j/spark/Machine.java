package org.rlvr4j.spark;

import java.io.Serializable;
import java.nio.ByteOrder;
import org.rlvr4j.run.Build;
import org.rlvr4j.tensor.vector.VectorSupport;

/**
 * What must be the same on all machines, or else their bits would differ. The width of their vectors may differ.
 *
 * @param commit    commit of the program
 * @param java      version of the Java virtual machine
 * @param kernels   kernels that it computes with: {@code vector}, or why there are none
 * @param byteOrder order of the bytes of a number
 */
record Machine(String commit, String java, String kernels, String byteOrder) implements Serializable {

    /** This virtual machine. */
    static Machine here() {
        return new Machine(
                Build.commit(),
                Runtime.version().toString(),
                VectorSupport.obstacle()
                        .map(obstacle -> "plain loops, because " + obstacle)
                        .orElse("vector"),
                ByteOrder.nativeOrder().toString());
    }

    /**
     * Requires that this worker computes as the driver does.
     *
     * @param driver the driver's machine
     * @param name   name of this worker
     * @throws Unfit if it does not; the message is one sentence
     */
    void requireLike(Machine driver, String name) {
        require(name, "commit", commit, driver.commit, "give all machines the same build");
        require(name, "Java", java, driver.java, "give all machines the same JDK");
        require(
                name,
                "kernels",
                kernels,
                driver.kernels,
                "start all machines with --add-modules=jdk.incubator.vector, and with the optimizing compiler");
        require(name, "byte order", byteOrder, driver.byteOrder, "use machines of one kind");
    }

    private static void require(String name, String what, String mine, String drivers, String advice) {
        if (!mine.equals(drivers)) {
            throw new Unfit("the worker " + name + " differs from the driver in its " + what + " (" + mine
                    + "; the driver: " + drivers + "): " + advice);
        }
    }
}
