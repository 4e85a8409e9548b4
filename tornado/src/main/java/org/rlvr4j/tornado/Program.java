package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tornado.places.Bank;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Task graphs of all kernels, one for each choice of banks, compiled when they are first run and replayed with another
 * control array and grid.
 *
 * <p>The first graph makes the banks on the device; they are never sent as a whole. Every other graph consumes all of them
 * from the graph that ran before and leaves them to the next, whichever that is, whether its kernel uses them or not; so
 * nothing but control arrays and staging arrays crosses the bus.
 */
final class Program implements AutoCloseable {

    /** Most arguments of a kernel that are integers. */
    static final int INTEGERS = 32;

    /** Most arguments of a kernel that are real numbers. */
    static final int REALS = 16;

    /** Numbers at the beginning of each bank that kernels work on when they are tried. */
    static final int TRIED = 1 << 12;

    /** Without mad-enable and fast-relaxed-math, under which numbers would be rounded otherwise, and NaN go unnoticed. */
    private static final String OPENCL_FLAGS = "-w";

    private static final int GROUP = 64;

    private final TornadoDevice device;
    private final List<Bank> banks;
    private final List<Kernel> kernels;
    private final IntArray control = new IntArray(INTEGERS);
    private final FloatArray realControl = new FloatArray(REALS);
    private final KernelContext context = new KernelContext();
    private final GridScheduler scheduler = new GridScheduler();
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final List<Kernel> kernelOfGraph = new ArrayList<>(); // but of the first graph, which has several
    private final Map<String, Map<List<Bank>, Compiled>> compiled = new HashMap<>(); // by a kernel's name
    private final IntArray counts;
    private final Runs runs;
    private final TornadoExecutionPlan plan;
    private @Nullable Kernel withheld;
    private final List<Integer> missed = new ArrayList<>(); // graphs that were withheld
    private int lastGraph;
    private long launches;
    private long controlBytes;

    /** A kernel's graph for some banks, by its place in the plan, and the grid that it runs in next. */
    private record Compiled(int graph, WorkerGrid grid) {}

    /**
     * @param banks   all banks of the device
     * @param kernels all that will ever run: a plan's graphs are given to it at once
     */
    Program(TornadoDevice device, List<Bank> banks, List<Kernel> kernels) {
        this.device = device;
        this.banks = banks;
        this.kernels = kernels;
        int count = 1 + graphs(kernels, banks);
        this.counts = new IntArray(count);
        this.runs = new Runs(count);
        addFirst();
        for (Kernel kernel : kernels) {
            var versions = new HashMap<List<Bank>, Compiled>();
            choices(kernel.operands(), banks).forEach(choice -> versions.put(choice, add(kernel, choice)));
            compiled.put(kernel.name(), versions);
        }
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withDevice(device);
        plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
        plan.withGridScheduler(scheduler);
        execute(0, "TornadoMoves.kMake");
    }

    /** Number of graphs of these kernels. */
    static int graphs(List<Kernel> kernels, List<Bank> banks) {
        return kernels.stream()
                .mapToInt(kernel -> choices(kernel.operands(), banks).size())
                .sum();
    }

    /** All choices of a bank for each group of operands. */
    private static List<List<Bank>> choices(List<Kernel.Operands> operands, List<Bank> banks) {
        List<List<Bank>> choices = List.of(List.of());
        for (Kernel.Operands group : operands) {
            var longer = new ArrayList<List<Bank>>();
            for (List<Bank> choice : choices) {
                for (Bank bank : banks) {
                    if (group.roles().contains(bank.role())) {
                        var next = new ArrayList<>(choice);
                        next.add(bank);
                        longer.add(List.copyOf(next));
                    }
                }
            }
            choices = longer;
        }
        return choices;
    }

    /** Graph that makes the banks: what a kernel only writes is allocated, and not sent. */
    private void addFirst() {
        var graph = new TaskGraph("first");
        var grid = new WorkerGrid1D(GROUP);
        grid.setLocalWork(GROUP, 1, 1);
        for (Bank bank : banks) {
            graph = graph.task("bank" + bank.number(), TornadoMoves::kMake, context, bank.array());
            scheduler.addWorkerGrid("first.bank" + bank.number(), grid);
        }
        var countsGrid = new WorkerGrid1D(counts.getSize());
        countsGrid.setLocalWork(1, 1, 1);
        scheduler.addWorkerGrid("first.counts", countsGrid);
        graphs.add(graph.task("counts", TornadoMoves::kMakeCounts, context, counts)
                .persistOnDevice(persistent())
                .snapshot());
        kernelOfGraph.add(TornadoMoves.ZERO);
    }

    /** Arrays that stay on the device. */
    private Object[] persistent() {
        List<Object> arrays = banks.stream().map(Bank::array).collect(Collectors.toCollection(ArrayList::new));
        arrays.add(counts);
        return arrays.toArray();
    }

    private Compiled add(Kernel kernel, List<Bank> choice) {
        String name =
                kernel.name() + choice.stream().map(bank -> "_" + bank.number()).collect(Collectors.joining());
        Object[] persistent = persistent();
        TaskGraph graph = new TaskGraph(name)
                .consumeFromDevice(persistent)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, control);
        List<FloatArray> arrays = choice.stream().map(Bank::array).toList();
        TaskGraph task =
                kernel.code().addTo(graph, new Kernel.Arguments(context, arrays, control, realControl, counts));
        var grid = new WorkerGrid2D(kernel.localX(), kernel.localY());
        grid.setLocalWork(kernel.localX(), kernel.localY(), 1);
        scheduler.addWorkerGrid(name + "." + Kernel.TASK, grid);
        graphs.add(task.persistOnDevice(persistent).snapshot());
        kernelOfGraph.add(kernel);
        return new Compiled(graphs.size() - 1, grid);
    }

    /** Number of all graphs, each of which has a count of its runs. */
    int graphs() {
        return graphs.size();
    }

    /** Kernels that have banks for all their groups of operands. */
    List<Kernel> usable() {
        return kernels.stream()
                .filter(kernel -> !choices(kernel.operands(), banks).isEmpty())
                .toList();
    }

    /**
     * Runs a kernel once, on zeros at the beginning of banks: with all sizes one, and all places the second number. A
     * driver that refuses it is found then.
     */
    void tryOut(Kernel kernel) {
        List<Bank> choice = choices(kernel.operands(), banks).getFirst();
        choice.forEach(bank -> run(
                TornadoMoves.ZERO,
                List.of(bank),
                Math.ceilDiv(TRIED, TornadoMoves.ZERO.localX()),
                1,
                TornadoMoves.zeroing(TRIED),
                new float[REALS]));
        run(kernel, choice, 1, 1, ones(), new float[REALS]);
    }

    private static int[] ones() {
        var ones = new int[INTEGERS];
        Arrays.fill(ones, 1);
        return ones;
    }

    /**
     * Runs a kernel in a grid of groups.
     *
     * @param choice   a bank for each group of its operands
     * @param integers arguments, {@link #INTEGERS} of them
     * @param reals    arguments, {@link #REALS} of them
     */
    void run(Kernel kernel, List<Bank> choice, long groupsX, long groupsY, int[] integers, float[] reals) {
        Map<List<Bank>, Compiled> versions = compiled.get(kernel.name());
        Compiled code = versions == null ? null : versions.get(choice);
        if (code == null) {
            throw new IllegalStateException("there is no graph of kernel " + kernel.source() + " for " + choice);
        }
        for (int i = 0; i < INTEGERS; i++) {
            control.set(i, integers[i]);
        }
        control.set(Runs.SLOT, code.graph);
        control.set(Runs.NUMBER, runs.launched(code.graph) + 1);
        for (int i = 0; i < REALS; i++) {
            realControl.set(i, reals[i]);
        }
        code.grid.setGlobalWork(groupsX * kernel.localX(), groupsY * kernel.localY(), 1);
        runs.launched(code.graph, launches);
        launches++;
        controlBytes += INTEGERS * Integer.BYTES + (kernel.readsReals() ? REALS * Float.BYTES : 0);
        lastGraph = code.graph;
        if (kernel.equals(withheld)) {
            missed.add(code.graph);
        } else {
            execute(code.graph, kernel.source());
        }
    }

    private void execute(int graph, String source) {
        try {
            plan.withGraph(graph).execute();
        } catch (RuntimeException | Error e) {
            throw new IllegalStateException(
                    "kernel " + source + " of org.rlvr4j.tornado could not be compiled for or run on "
                            + device.getPhysicalDevice().getDeviceName() + ": " + e,
                    e);
        }
    }

    /**
     * Fails silently from now on to launch a kernel, as a driver may, and launches those that were missed before, on
     * nothing; for tests.
     */
    void withhold(@Nullable Kernel kernel) {
        withheld = kernel;
        control.init(1);
        for (int graph : missed) {
            control.set(Runs.SLOT, graph);
            execute(graph, kernelOfGraph.get(graph).source());
        }
        missed.clear();
    }

    /**
     * Checks that all kernels ran as often as they were launched; the last was one that sends numbers to the host.
     *
     * @param received array with the device's counts, which came with other numbers
     * @param from     place of the first count in it
     * @throws IllegalStateException if a launch failed; the message names the kernel
     */
    void requireRuns(FloatArray received, int from) {
        int graph = runs.firstFailure(received, from, lastGraph);
        if (graph >= 0) {
            throw new IllegalStateException("kernel "
                    + kernelOfGraph.get(graph).source() + " of org.rlvr4j.tornado did not run on "
                    + device.getPhysicalDevice().getDeviceName() + " each time that it was launched: "
                    + runs.launched(graph) + " launches, but the device counts "
                    + (long) received.get(from + graph) + "; what its driver says may stand above");
        }
    }

    /** Kernels run so far. */
    long launches() {
        return launches;
    }

    /** Bytes of control arrays sent so far. */
    long controlBytes() {
        return controlBytes;
    }

    @Override
    public void close() {
        try {
            plan.freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("the device's memory could not be given back: " + e.getMessage(), e);
        }
    }
}
