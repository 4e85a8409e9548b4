package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One task graph for each kernel, compiled when it is first run and replayed with another control array and grid.
 *
 * <p>The device's memory is one array, sent once. Every graph consumes it from the graph that ran before and leaves it to
 * the next, whichever that is; so nothing but control arrays and what passes through {@link #stages} crosses the bus.
 */
final class Program implements AutoCloseable {

    private static final int CONTROL = 32;
    private static final int SCALARS = 16;
    private static final String TASK = "run";

    /** Without fast-relaxed-math, which would let NaN and infinity, and small differences, go unnoticed. */
    private static final String OPENCL_FLAGS = "-cl-mad-enable -w";

    private final TornadoDevice device;
    private final FloatArray memory;
    private final IntArray control = new IntArray(CONTROL);
    private final FloatArray scalars = new FloatArray(SCALARS);
    private final KernelContext context = new KernelContext();
    private final GridScheduler scheduler = new GridScheduler();
    private final Map<Kernel, Integer> kernels = new EnumMap<>(Kernel.class);
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final List<WorkerGrid> grids = new ArrayList<>();
    private final List<String> sources = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final TornadoExecutionPlan plan;
    private long launches;
    private long controlBytes;

    /**
     * An array that goes to the device as a whole, or comes from it.
     *
     * @param numbers where to put or find what is moved
     * @param send    the graph that moves it to the device
     * @param receive the graph that moves it from the device
     */
    record Stage(FloatArray numbers, int send, int receive) {

        /** What crosses the bus whenever it is used. */
        long bytes() {
            return (long) numbers.getSize() * Float.BYTES;
        }
    }

    /** @param stageSizes numbers of each staging array, in increasing order */
    Program(TornadoDevice device, FloatArray memory, int... stageSizes) {
        this.device = device;
        this.memory = memory;
        for (Kernel kernel : Kernel.values()) {
            TaskGraph graph = new TaskGraph(kernel.name()).consumeFromDevice(memory);
            TaskGraph task = kernel.task(graph, TASK, context, memory, control, scalars);
            kernels.put(kernel, add(kernel.name(), kernel.source(), kernel.localX(), kernel.localY(), task));
        }
        for (int size : stageSizes) {
            stages.add(stage(size));
        }
        TaskGraph first = new TaskGraph("first")
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, memory)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, control)
                .task(TASK, ElementKernels::kCopy, context, memory, control);
        add("first", Kernel.COPY.source(), ElementKernels.GROUP, 1, first);
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withDevice(device);
        plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
        plan.withGridScheduler(scheduler);
        run(graphs.size() - 1, ElementKernels.GROUP, 1, new int[] {0});
    }

    private TaskGraph consuming(String name) {
        return new TaskGraph(name)
                .consumeFromDevice(memory)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, control);
    }

    private Stage stage(int size) {
        var numbers = new FloatArray(size);
        TaskGraph send = consuming("send" + size)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, numbers)
                .task(TASK, ElementKernels::kReceive, context, memory, numbers, control);
        TaskGraph receive = consuming("receive" + size)
                .task(TASK, ElementKernels::kSend, context, memory, numbers, control)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
        return new Stage(
                numbers,
                add("send" + size, "ElementKernels.kReceive", ElementKernels.GROUP, 1, send),
                add("receive" + size, "ElementKernels.kSend", ElementKernels.GROUP, 1, receive));
    }

    private int add(String name, String source, int localX, int localY, TaskGraph graph) {
        var grid = new WorkerGrid2D(localX, localY);
        grid.setLocalWork(localX, localY, 1);
        scheduler.addWorkerGrid(name + "." + TASK, grid);
        graphs.add(graph.persistOnDevice(memory).snapshot());
        grids.add(grid);
        sources.add(source);
        return graphs.size() - 1;
    }

    private int graphOf(Kernel kernel) {
        Integer graph = kernels.get(kernel);
        if (graph == null) {
            throw new IllegalStateException("there is no graph of kernel " + kernel.source());
        }
        return graph;
    }

    /** Staging arrays in increasing order of size. */
    List<Stage> stages() {
        return stages;
    }

    /** The real numbers that the next kernel reads. */
    void scalars(double... numbers) {
        for (int i = 0; i < numbers.length; i++) {
            scalars.set(i, (float) numbers[i]);
        }
    }

    /** Runs a kernel in a grid of groups. */
    void run(Kernel kernel, long groupsX, long groupsY, int... arguments) {
        controlBytes += kernel.isScaled() ? SCALARS * Float.BYTES : 0;
        run(graphOf(kernel), groupsX * kernel.localX(), groupsY * kernel.localY(), arguments);
    }

    /** Moves numbers from a stage to the device's memory. */
    void send(Stage stage, int count, int to) {
        run(stage.send, threads(count), 1, new int[] {count, to});
    }

    /** Moves numbers of the device's memory to a stage. */
    void receive(Stage stage, int count, int from) {
        run(stage.receive, threads(count), 1, new int[] {count, from});
    }

    private static long threads(long count) {
        return (count + ElementKernels.GROUP - 1) / ElementKernels.GROUP * ElementKernels.GROUP;
    }

    private void run(int graph, long threadsX, long threadsY, int[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            control.set(i, arguments[i]);
        }
        grids.get(graph).setGlobalWork(threadsX, threadsY, 1);
        try {
            plan.withGraph(graph).execute();
        } catch (RuntimeException | Error e) {
            throw new IllegalStateException(
                    "kernel " + sources.get(graph) + " of org.rlvr4j.tornado could not be compiled for or run on "
                            + device.getPhysicalDevice().getDeviceName() + ": " + e,
                    e);
        }
        launches++;
        controlBytes += CONTROL * Integer.BYTES;
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
