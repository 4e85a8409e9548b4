package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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
 * Task graphs of a device, compiled when they are first run, and replayed with other control arrays and grids.
 *
 * <p>The first graph makes the banks on the device; they are never sent as a whole. Every other graph consumes all of them
 * from the graph that ran before and leaves them to the next, whichever that is, whether its kernels use them or not; so
 * nothing but control arrays and staging arrays crosses the bus.
 *
 * <p>TornadoVM takes all graphs of a plan at once. A graph that is added later makes a new plan of all graphs, in which an
 * earlier one has to run first: it alone knows where the banks are.
 */
final class TaskGraphs implements AutoCloseable {

    /** Without mad-enable and fast-relaxed-math, under which numbers would be rounded otherwise, and NaN go unnoticed. */
    private static final String OPENCL_FLAGS = "-w";

    private static final int GROUP = 64;

    private final TornadoDevice device;
    private final List<Bank> banks;
    private final IntArray counts;
    private final IntArray control = new IntArray(Program.INTEGERS); // of all graphs with one task
    private final FloatArray realControl = new FloatArray(Program.REALS);
    private final KernelContext context = new KernelContext();
    private final Grids grids = new Grids();
    private final List<ImmutableTaskGraph> codes = new ArrayList<>(); // by their places
    private final Graph first;
    private final Graph handOver;
    private @Nullable TornadoExecutionPlan plan;
    private int planned; // graphs that are in the plan
    private long executes;

    /**
     * Kernel in a graph.
     *
     * @param kernel  kernel that it runs
     * @param control arguments that are integers
     * @param reals   arguments that are real numbers
     * @param grid    threads that it runs in next
     */
    private record Task(Kernel kernel, IntArray control, FloatArray reals, WorkerGrid grid) {

        void set(Program.Queued launch) {
            for (int i = 0; i < Program.INTEGERS; i++) {
                control.set(i, launch.integers()[i]);
            }
            for (int i = 0; i < Program.REALS; i++) {
                reals.set(i, launch.reals()[i]);
            }
            grid.setGlobalWork(launch.groupsX() * kernel.localX(), launch.groupsY() * kernel.localY(), 1);
        }
    }

    /**
     * Task graph.
     *
     * @param place place in the plan
     * @param tasks kernels in the order in which they run; none in graphs that serve this class alone
     * @param grids threads of all tasks
     */
    record Graph(int place, List<Task> tasks, GridScheduler grids) {}

    /** Grids of the graph that runs: among those of all graphs, TornadoVM would look for its own at each run. */
    private static final class Grids extends GridScheduler {

        private GridScheduler current = new GridScheduler();

        @Override
        public @Nullable WorkerGrid get(String task) {
            return current.get(task);
        }

        @Override
        public boolean contains(String graph, String task) {
            return current.contains(graph, task);
        }

        @Override
        public Set<String> keySet() {
            return current.keySet();
        }
    }

    /**
     * @param banks  all banks of the device
     * @param counts numbers of runs, made on the device too
     */
    TaskGraphs(TornadoDevice device, List<Bank> banks, IntArray counts) {
        this.device = device;
        this.banks = banks;
        this.counts = counts;
        first = addFirst();
        handOver = addHandOver();
    }

    /** Graph that makes the banks: what a kernel only writes is allocated, and not sent. */
    private Graph addFirst() {
        var scheduler = new GridScheduler();
        var graph = new TaskGraph("first");
        for (Bank bank : banks) {
            graph = graph.task("bank" + bank.number(), TornadoMoves::kMake, context, bank.array());
            scheduler.addWorkerGrid("first.bank" + bank.number(), grid(GROUP, GROUP));
        }
        scheduler.addWorkerGrid("first.counts", grid(counts.getSize(), 1));
        return add(graph.task("counts", TornadoMoves::kMakeCounts, context, counts), List.of(), scheduler);
    }

    private static WorkerGrid grid(int threads, int group) {
        var grid = new WorkerGrid1D(threads);
        grid.setLocalWork(group, 1, 1);
        return grid;
    }

    /** Graph that changes nothing, and lets a new plan know where the banks are. */
    private Graph addHandOver() {
        var scheduler = new GridScheduler("handOver." + Kernel.TASK, grid(1, 1));
        var received = new IntArray(1);
        TaskGraph graph = new TaskGraph("handOver")
                .consumeFromDevice(persistent())
                .task(Kernel.TASK, TornadoMoves::kHandOver, context, counts, received)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, received);
        return add(graph, List.of(), scheduler);
    }

    private Graph add(TaskGraph graph, List<Task> tasks, GridScheduler scheduler) {
        codes.add(graph.persistOnDevice(persistent()).snapshot());
        return new Graph(codes.size() - 1, tasks, scheduler);
    }

    /** Arrays that stay on the device. */
    private Object[] persistent() {
        List<Object> arrays = banks.stream().map(Bank::array).collect(Collectors.toCollection(ArrayList::new));
        arrays.add(counts);
        return arrays.toArray();
    }

    /** Adds a graph of one kernel. */
    Graph add(Program.Bound kernel) {
        return add(
                kernel.name(), List.of(kernel), List.of(new Task(kernel.kernel(), control, realControl, grid(kernel))));
    }

    /** Adds a graph of several kernels, which run one after the other. */
    Graph add(List<Program.Bound> chain) {
        List<Task> tasks = chain.stream()
                .map(each -> new Task(
                        each.kernel(), new IntArray(Program.INTEGERS), new FloatArray(Program.REALS), grid(each)))
                .toList();
        return add("chain" + codes.size(), chain, tasks);
    }

    private static WorkerGrid grid(Program.Bound bound) {
        int x = bound.kernel().localX();
        int y = bound.kernel().localY();
        var grid = new WorkerGrid2D(x, y);
        grid.setLocalWork(x, y, 1);
        return grid;
    }

    private Graph add(String name, List<Program.Bound> chain, List<Task> tasks) {
        var scheduler = new GridScheduler();
        TaskGraph graph = new TaskGraph(name).consumeFromDevice(persistent());
        for (Task task : tasks) {
            graph = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, task.control);
            if (task.kernel.readsReals()) {
                graph = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, task.reals);
            }
        }
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            String taskName = Kernel.TASK + (i == 0 ? "" : i);
            List<FloatArray> arrays =
                    chain.get(i).banks().stream().map(Bank::array).toList();
            graph = task.kernel
                    .code()
                    .addTo(graph, new Kernel.Arguments(taskName, context, arrays, task.control, task.reals, counts));
            scheduler.addWorkerGrid(name + "." + taskName, task.grid);
        }
        return add(graph, tasks, scheduler);
    }

    /**
     * Runs a graph, and waits for it.
     *
     * @param launches a launch of each of its kernels
     */
    void run(Graph graph, List<Program.Queued> launches) {
        for (int i = 0; i < launches.size(); i++) {
            graph.tasks.get(i).set(launches.get(i));
        }
        if (plan == null) {
            plan();
            execute(first);
            execute(handOver);
        } else if (graph.place >= planned) {
            plan();
            execute(handOver);
        }
        execute(graph);
    }

    private void plan() {
        grids.current = first.grids;
        plan = new TornadoExecutionPlan(codes.toArray(ImmutableTaskGraph[]::new));
        plan.withDevice(device);
        plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
        plan.withGridScheduler(grids);
        planned = codes.size();
    }

    private void execute(Graph graph) {
        grids.current = graph.grids;
        Objects.requireNonNull(plan).withGraph(graph.place).execute();
        executes++;
    }

    /** Graphs run so far. */
    long executes() {
        return executes;
    }

    @Override
    public void close() {
        if (plan == null) {
            return;
        }
        try {
            plan.freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("the device's memory could not be given back: " + e.getMessage(), e);
        }
    }
}
