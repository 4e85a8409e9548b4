package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.HashMap;
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
 * Task graphs of all kernels, each compiled when it is first run and replayed with another control array and grid.
 *
 * <p>The device's memory is one array, sent once. Every graph consumes it from the graph that ran before and leaves it to
 * the next, whichever that is; so nothing but control arrays and staging arrays crosses the bus.
 */
final class Program implements AutoCloseable {

    /** Most arguments of a kernel that are integers. */
    static final int INTEGERS = 32;

    /** Most arguments of a kernel that are real numbers. */
    static final int REALS = 16;

    /** Without fast-relaxed-math, which would let NaN and infinity, and small differences, go unnoticed. */
    private static final String OPENCL_FLAGS = "-cl-mad-enable -w";

    private final TornadoDevice device;
    private final FloatArray memory;
    private final IntArray control = new IntArray(INTEGERS);
    private final FloatArray realControl = new FloatArray(REALS);
    private final KernelContext context = new KernelContext();
    private final GridScheduler scheduler = new GridScheduler();
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final Map<Kernel, Compiled> compiled = new HashMap<>();
    private final TornadoExecutionPlan plan;
    private long launches;
    private long controlBytes;

    /** A kernel's graph, by its place in the plan, and the grid that it runs in next. */
    private record Compiled(int graph, WorkerGrid grid) {}

    /** @param kernels all that will ever run: a plan's graphs are given to it at once */
    Program(TornadoDevice device, FloatArray memory, List<Kernel> kernels) {
        this.device = device;
        this.memory = memory;
        for (Kernel kernel : kernels) {
            compiled.put(kernel, add(kernel, kernel.name(), new TaskGraph(kernel.name()).consumeFromDevice(memory)));
        }
        Kernel copy = TornadoMoves.COPY;
        TaskGraph sending = new TaskGraph("first").transferToDevice(DataTransferMode.FIRST_EXECUTION, memory);
        Compiled first = add(copy, "first", sending);
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withDevice(device);
        plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
        plan.withGridScheduler(scheduler);
        control.init(0);
        run(copy, first, 1, 1); // sends the memory, and copies no numbers
    }

    private Compiled add(Kernel kernel, String name, TaskGraph graph) {
        TaskGraph controlled = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, control);
        TaskGraph task = kernel.code().addTo(controlled, context, memory, control, realControl);
        var grid = new WorkerGrid2D(kernel.localX(), kernel.localY());
        grid.setLocalWork(kernel.localX(), kernel.localY(), 1);
        scheduler.addWorkerGrid(name + "." + Kernel.TASK, grid);
        graphs.add(task.persistOnDevice(memory).snapshot());
        return new Compiled(graphs.size() - 1, grid);
    }

    /**
     * Runs a kernel in a grid of groups.
     *
     * @param integers arguments, {@link #INTEGERS} of them
     * @param reals    arguments, {@link #REALS} of them
     */
    void run(Kernel kernel, long groupsX, long groupsY, int[] integers, float[] reals) {
        Compiled code = compiled.get(kernel);
        if (code == null) {
            throw new IllegalStateException("there is no graph of kernel " + kernel.source());
        }
        for (int i = 0; i < INTEGERS; i++) {
            control.set(i, integers[i]);
        }
        for (int i = 0; i < REALS; i++) {
            realControl.set(i, reals[i]);
        }
        run(kernel, code, groupsX, groupsY);
    }

    private void run(Kernel kernel, Compiled code, long groupsX, long groupsY) {
        code.grid.setGlobalWork(groupsX * kernel.localX(), groupsY * kernel.localY(), 1);
        try {
            plan.withGraph(code.graph).execute();
        } catch (RuntimeException | Error e) {
            throw new IllegalStateException(
                    "kernel " + kernel.source() + " of org.rlvr4j.tornado could not be compiled for or run on "
                            + device.getPhysicalDevice().getDeviceName() + ": " + e,
                    e);
        }
        launches++;
        controlBytes += INTEGERS * Integer.BYTES + (kernel.readsReals() ? REALS * Float.BYTES : 0);
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
