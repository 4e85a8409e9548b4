package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tornado.chains.Chains;
import org.rlvr4j.tornado.places.Bank;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Launches of kernels: they wait in a queue until the host needs something of the device, and then run in their order.
 *
 * <p>Each kernel has a task graph for each choice of banks. As the host waits for every graph, sequences of launches that
 * come again and again, which are a model's layers, get graphs of their own: {@link Chains}.
 */
final class Program implements AutoCloseable {

    /** Most arguments of a kernel that are integers. */
    static final int INTEGERS = 32;

    /** Most arguments of a kernel that are real numbers. */
    static final int REALS = 16;

    /** Numbers at the beginning of each bank that kernels work on when they are tried. */
    static final int TRIED = 1 << 12;

    /**
     * Limits of chains: no layer has fewer than eight launches. In a chain each launch saves some 40 us of waiting, and takes
     * 0.1 s once to be compiled.
     */
    private static final Chains.Limits LIMITS = new Chains.Limits(8, 40, 200, 1000);

    private static final int MOST_QUEUED = 1 << 14;

    private final TornadoDevice device;
    private final List<Bank> banks;
    private final List<Kernel> kernels;
    private final List<Bound> bound = new ArrayList<>(); // by their slots, from 1 on
    private final Map<String, Map<List<Bank>, Bound>> boundByName = new HashMap<>();
    private final Map<List<Integer>, TaskGraphs.Graph> graphs = new HashMap<>(); // by their kernels' slots
    private final Chains chains = new Chains(LIMITS);
    private final List<Queued> queue = new ArrayList<>();
    private final Runs runs;
    private final TaskGraphs taskGraphs;
    private final List<Runnable> beforeQueue = new ArrayList<>();
    private @Nullable Kernel withheld;
    private final List<Bound> missed = new ArrayList<>(); // that were withheld
    private int lastSlot; // of what ran
    private long launches;
    private long controlBytes;

    /**
     * Kernel with a bank for each group of its operands.
     *
     * @param slot place of the count of its runs
     */
    record Bound(Kernel kernel, List<Bank> banks, int slot) {

        /** Name of its graph. */
        String name() {
            return kernel.name()
                    + banks.stream().map(bank -> "_" + bank.number()).collect(Collectors.joining());
        }
    }

    /**
     * Launch in a grid of groups.
     *
     * @param integers arguments, {@link #INTEGERS} of them
     * @param reals    arguments, {@link #REALS} of them
     */
    @SuppressWarnings("ArrayRecordComponent") // read alone
    record Queued(Bound bound, long groupsX, long groupsY, int[] integers, float[] reals) {}

    /**
     * @param banks   all banks of the device
     * @param kernels all that will ever run
     */
    Program(TornadoDevice device, List<Bank> banks, List<Kernel> kernels) {
        this.device = device;
        this.banks = banks;
        this.kernels = kernels;
        int count = 1 + count(kernels, banks);
        var counts = new IntArray(count);
        this.runs = new Runs(count);
        taskGraphs = new TaskGraphs(device, banks, counts);
        for (Kernel kernel : kernels) {
            var versions = new HashMap<List<Bank>, Bound>();
            for (List<Bank> choice : choices(kernel.operands(), banks)) {
                var next = new Bound(kernel, choice, bound.size() + 1);
                bound.add(next);
                versions.put(choice, next);
                graphs.put(List.of(next.slot), taskGraphs.add(next));
            }
            boundByName.put(kernel.name(), versions);
        }
    }

    /** Number of kernels, each with each choice of banks. */
    static int count(List<Kernel> kernels, List<Bank> banks) {
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

    /** @param sends sends what queued launches need, such as lists; called before they run */
    void beforeQueue(Runnable sends) {
        beforeQueue.add(sends);
    }

    /**
     * Puts a launch into the queue.
     *
     * @param choice   a bank for each group of the kernel's operands
     * @param integers arguments, {@link #INTEGERS} of them
     * @param reals    arguments, {@link #REALS} of them
     */
    void run(Kernel kernel, List<Bank> choice, long groupsX, long groupsY, int[] integers, float[] reals) {
        queue.add(launch(kernel, choice, groupsX, groupsY, integers, reals));
        if (queue.size() >= MOST_QUEUED) {
            flush();
        }
    }

    /** Runs a kernel now, before the launches that are in the queue. */
    void runAhead(Kernel kernel, List<Bank> choice, long groupsX, long groupsY, int[] integers, float[] reals) {
        Queued launch = launch(kernel, choice, groupsX, groupsY, integers, reals);
        execute(List.of(launch.bound.slot), List.of(launch));
    }

    private Queued launch(Kernel kernel, List<Bank> choice, long groupsX, long groupsY, int[] integers, float[] reals) {
        Map<List<Bank>, Bound> versions = boundByName.get(kernel.name());
        Bound code = versions == null ? null : versions.get(choice);
        if (code == null) {
            throw new IllegalStateException("there is no graph of kernel " + kernel.source() + " for " + choice);
        }
        integers[Runs.SLOT] = code.slot;
        integers[Runs.NUMBER] = runs.launched(code.slot) + 1;
        runs.launched(code.slot, launches);
        launches++;
        controlBytes += INTEGERS * Integer.BYTES + (kernel.readsReals() ? REALS * Float.BYTES : 0);
        return new Queued(code, groupsX, groupsY, integers, reals);
    }

    /** Runs all launches that are in the queue. */
    void flush() {
        if (queue.isEmpty()) {
            return;
        }
        beforeQueue.forEach(Runnable::run);
        List<Queued> waiting = List.copyOf(queue);
        queue.clear();
        int from = 0;
        for (List<Integer> piece :
                chains.cut(waiting.stream().map(launch -> launch.bound.slot).toList())) {
            execute(piece, waiting.subList(from, from + piece.size()));
            from += piece.size();
        }
    }

    /** Runs a graph, which is added if there is none yet of these kernels. */
    private void execute(List<Integer> slots, List<Queued> waiting) {
        lastSlot = slots.getLast();
        List<Queued> running = waiting;
        if (withheld != null) {
            running = waiting.stream().map(this::withheld).toList();
            if (waiting.size() == 1 && !running.equals(waiting)) {
                return;
            }
        }
        try {
            taskGraphs.run(graphs.computeIfAbsent(slots, this::chain), running);
        } catch (RuntimeException | Error e) {
            String sources = waiting.stream()
                    .map(launch -> launch.bound.kernel.source())
                    .distinct()
                    .collect(Collectors.joining(" or "));
            throw new IllegalStateException(
                    "kernel " + sources + " of org.rlvr4j.tornado could not be compiled for or run on "
                            + device.getPhysicalDevice().getDeviceName() + ": " + e,
                    e);
        }
    }

    private TaskGraphs.Graph chain(List<Integer> slots) {
        return taskGraphs.add(slots.stream().map(slot -> bound.get(slot - 1)).toList());
    }

    /**
     * Fails silently from now on to launch a kernel, as a driver may, and launches those that were missed before, on
     * nothing; for tests.
     */
    void withhold(@Nullable Kernel kernel) {
        flush();
        withheld = null;
        for (Bound each : missed) {
            execute(List.of(each.slot), List.of(onNothing(each, each.slot)));
        }
        missed.clear();
        withheld = kernel;
    }

    /** A launch itself, or in the place of one that is withheld, a launch on nothing that is not counted. */
    private Queued withheld(Queued launch) {
        if (!launch.bound.kernel.equals(withheld)) {
            return launch;
        }
        missed.add(launch.bound);
        return onNothing(launch.bound, Runs.SPARE);
    }

    private static Queued onNothing(Bound bound, int slot) {
        int[] integers = ones();
        integers[Runs.SLOT] = slot;
        return new Queued(bound, 1, 1, integers, new float[REALS]);
    }

    /**
     * Checks that all kernels ran as often as they were launched; the last was one that sends numbers to the host.
     *
     * @param received array with the device's counts, which came with other numbers
     * @param from     place of the first count in it
     * @throws IllegalStateException if a launch failed; the message names the kernel
     */
    void requireRuns(FloatArray received, int from) {
        int slot = runs.firstFailure(received, from, lastSlot);
        if (slot >= 0) {
            throw new IllegalStateException("kernel "
                    + bound.get(slot - 1).kernel.source() + " of org.rlvr4j.tornado did not run on "
                    + device.getPhysicalDevice().getDeviceName() + " each time that it was launched: "
                    + runs.launched(slot) + " launches, but the device counts "
                    + (long) received.get(from + slot) + "; what its driver says may stand above");
        }
    }

    /** Kernels launched so far. */
    long launches() {
        return launches;
    }

    /** Task graphs run so far. */
    long executes() {
        return taskGraphs.executes();
    }

    /** Bytes of control arrays sent so far. */
    long controlBytes() {
        return controlBytes;
    }

    @Override
    public void close() {
        taskGraphs.close();
    }
}
