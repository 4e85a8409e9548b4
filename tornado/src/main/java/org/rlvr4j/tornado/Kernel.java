package org.rlvr4j.tornado;

import java.util.List;
import java.util.Set;
import org.rlvr4j.tensor.Role;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task8;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernel: a static method that is compiled for the device, and the shape of the groups that its threads run in.
 *
 * <p>A family of kernels is a class: each kernel below the method that launches it, and the names of their arguments. The
 * parameters of all kernels are {@code c}, the thread's place in the grid; an array for each group of operands, which is a
 * bank of the device's memory, seen as numbers or as {@code IntArray}, their bits; {@code p}, the control array with the
 * arguments that are integers: sizes, places in the banks, and so on; in some {@code s} with the arguments that are real
 * numbers; and {@code runs}, in which
 * {@link Runs#count} counts that the kernel ran.
 *
 * @param family     class of the method
 * @param name       name of the method, and of the task graphs
 * @param operands   groups of operands, in the order of the parameters
 * @param localX     threads of a group in the first direction
 * @param localY     threads of a group in the second direction
 * @param readsReals whether some arguments are real numbers
 * @param code       the method, as a task of a graph
 */
record Kernel(
        Class<?> family, String name, List<Operands> operands, int localX, int localY, boolean readsReals, Code code) {

    /** Roles of the gradients of parameters; those of parameters outside a model are activations. */
    static final Set<Role> GRADS = Set.of(Role.GRADIENTS, Role.ACTIVATIONS);

    /** Name of a graph's first task; a number follows in the names of the others. */
    static final String TASK = "run";

    /**
     * Operands that lie in one bank, all of them.
     *
     * <p>Of groups that may have the same bank, a kernel changes the last one at most: TornadoVM would never finish the
     * plan of a task that changes one of its arguments and has it again after that.
     *
     * @param roles roles of the banks that they may lie in; operands elsewhere are borrowed
     * @param names a bit for each argument that is a place in the bank
     */
    record Operands(Set<Role> roles, int names) {

        /** Operands in a bank of one role. */
        static Operands in(Role role, int... names) {
            return in(Set.of(role), names);
        }

        /** Operands in a bank of one of several roles. */
        static Operands in(Set<Role> roles, int... names) {
            int bits = 0;
            for (int name : names) {
                bits |= 1 << name;
            }
            return new Operands(roles, bits);
        }

        boolean has(int name) {
            return (names & (1 << name)) != 0;
        }
    }

    /**
     * Arguments of a task.
     *
     * @param task  name of the task in its graph
     * @param c     place of a thread in the grid
     * @param banks an array for each group of operands
     * @param p     arguments that are integers
     * @param s     arguments that are real numbers
     * @param runs  counts of the runs of each kernel
     */
    record Arguments(String task, KernelContext c, List<FloatArray> banks, IntArray p, FloatArray s, IntArray runs) {

        /** Bank of a group. A device knows it by its address alone, so that a kernel may see its bits as integers. */
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        <A> A bank(int i) {
            return (A) banks.get(i);
        }
    }

    /** Task of a graph, to be added to it. */
    interface Code {

        /** Adds the task to a graph that transfers {@code p} already, and {@code s} if the kernel reads it. */
        TaskGraph addTo(TaskGraph graph, Arguments x);
    }

    /** A kernel with one group of operands. */
    static Kernel of(
            Class<?> family,
            String name,
            Task4<KernelContext, FloatArray, IntArray, IntArray> method,
            int localX,
            int localY,
            Operands a) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.p, x.runs);
        return new Kernel(family, name, List.of(a), localX, localY, false, code);
    }

    /** A kernel with two groups of operands. */
    static <A, B> Kernel of(
            Class<?> family,
            String name,
            Task5<KernelContext, A, B, IntArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.p, x.runs);
        return new Kernel(family, name, List.of(a, b), localX, localY, false, code);
    }

    /** A kernel with three groups of operands. */
    static <A, B, D> Kernel of(
            Class<?> family,
            String name,
            Task6<KernelContext, A, B, D, IntArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b,
            Operands d) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.bank(2), x.p, x.runs);
        return new Kernel(family, name, List.of(a, b, d), localX, localY, false, code);
    }

    /** A kernel with four groups of operands. */
    static Kernel of(
            Class<?> family,
            String name,
            Task7<KernelContext, FloatArray, FloatArray, FloatArray, FloatArray, IntArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b,
            Operands d,
            Operands e) {
        Code code =
                (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.bank(2), x.bank(3), x.p, x.runs);
        return new Kernel(family, name, List.of(a, b, d, e), localX, localY, false, code);
    }

    /**
     * A kernel with three groups of operands, the first of which it sees as numbers and as their bits.
     *
     * @param constant last argument of the method, for which it is compiled
     */
    static <A, B> Kernel ofBits(
            Class<?> family,
            String name,
            Task8<KernelContext, A, B, FloatArray, FloatArray, IntArray, IntArray, Integer> method,
            int localX,
            int localY,
            int constant,
            Operands a,
            Operands b,
            Operands d) {
        Code code = (graph, x) ->
                graph.task(x.task, method, x.c, x.bank(0), x.bank(0), x.bank(1), x.bank(2), x.p, x.runs, constant);
        return new Kernel(family, name, List.of(a, b, d), localX, localY, false, code);
    }

    /** A kernel with one group of operands, some of whose arguments are real numbers. */
    static Kernel ofReals(
            Class<?> family,
            String name,
            Task5<KernelContext, FloatArray, IntArray, FloatArray, IntArray> method,
            int localX,
            int localY,
            Operands a) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.p, x.s, x.runs);
        return new Kernel(family, name, List.of(a), localX, localY, true, code);
    }

    /** A kernel with two groups of operands, some of whose arguments are real numbers. */
    static Kernel ofReals(
            Class<?> family,
            String name,
            Task6<KernelContext, FloatArray, FloatArray, IntArray, FloatArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.p, x.s, x.runs);
        return new Kernel(family, name, List.of(a, b), localX, localY, true, code);
    }

    /** A kernel with three groups of operands, some of whose arguments are real numbers. */
    static Kernel ofReals(
            Class<?> family,
            String name,
            Task7<KernelContext, FloatArray, FloatArray, FloatArray, IntArray, FloatArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b,
            Operands d) {
        Code code = (graph, x) -> graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.bank(2), x.p, x.s, x.runs);
        return new Kernel(family, name, List.of(a, b, d), localX, localY, true, code);
    }

    /** A kernel with four groups of operands, some of whose arguments are real numbers. */
    static Kernel ofReals(
            Class<?> family,
            String name,
            Task8<KernelContext, FloatArray, FloatArray, FloatArray, FloatArray, IntArray, FloatArray, IntArray> method,
            int localX,
            int localY,
            Operands a,
            Operands b,
            Operands d,
            Operands e) {
        Code code = (graph, x) ->
                graph.task(x.task, method, x.c, x.bank(0), x.bank(1), x.bank(2), x.bank(3), x.p, x.s, x.runs);
        return new Kernel(family, name, List.of(a, b, d, e), localX, localY, true, code);
    }

    /** Class and method, for messages. */
    String source() {
        return family.getSimpleName() + "." + name;
    }
}
