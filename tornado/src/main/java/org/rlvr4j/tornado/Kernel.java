package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernel: a static method that is compiled for the device, and the shape of the groups that its threads run in.
 *
 * <p>A family of kernels is a class: each kernel below the method that launches it, and the names of their arguments. All
 * kernels get {@code c}, the thread's place in the grid, {@code m}, the device's memory, and {@code p}, the control array
 * with the arguments that are integers: sizes, places in the memory, and so on. Some get {@code s} with arguments that are
 * real numbers.
 *
 * @param family     class of the method
 * @param name       name of the method, and of the task graph
 * @param localX     threads of a group in the first direction
 * @param localY     threads of a group in the second direction
 * @param readsReals whether some arguments are real numbers
 * @param code       the method, as a task of a graph
 */
record Kernel(Class<?> family, String name, int localX, int localY, boolean readsReals, Code code) {

    /** Name of a graph's only task. */
    static final String TASK = "run";

    /** Task of a graph, to be added to it. */
    interface Code {

        /** Adds the task to a graph that transfers {@code p} already. */
        TaskGraph addTo(TaskGraph graph, KernelContext c, FloatArray m, IntArray p, FloatArray s);
    }

    /** A kernel whose arguments are integers. */
    static Kernel of(
            Class<?> family, String name, Task3<KernelContext, FloatArray, IntArray> method, int localX, int localY) {
        Code code = (graph, c, m, p, _) -> graph.task(TASK, method, c, m, p);
        return new Kernel(family, name, localX, localY, false, code);
    }

    /** A kernel some of whose arguments are real numbers. */
    static Kernel ofReals(
            Class<?> family,
            String name,
            Task4<KernelContext, FloatArray, IntArray, FloatArray> method,
            int localX,
            int localY) {
        Code code = (graph, c, m, p, s) -> {
            TaskGraph controlled = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, s);
            return controlled.task(TASK, method, c, m, p, s);
        };
        return new Kernel(family, name, localX, localY, true, code);
    }

    /** Class and method, for messages. */
    String source() {
        return family.getSimpleName() + "." + name;
    }
}
