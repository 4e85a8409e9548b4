package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tornado.places.Bank;
import org.rlvr4j.tornado.places.Ranges;

/**
 * Launch of a kernel: its arguments, each by its name, and then the grid of threads.
 *
 * <p>A name is the argument's place in the control array, a constant that the kernel reads it by. Arguments that are not
 * set are zero. Operands of one group must lie in one bank: the launch takes the bank with most of their numbers, and
 * borrows the others, which are copied there, and back if the kernel changes them. It waits in a queue with these copies.
 */
final class Launch {

    private final DeviceMemory memory;
    private final Kernel kernel;
    private final int[] integers = new int[Program.INTEGERS];
    private final float[] reals = new float[Program.REALS];
    private final List<Operand> operands = new ArrayList<>();
    private int named; // a bit for each integer that is set

    /**
     * Operand in the device's memory.
     *
     * @param name       name of the argument that is its place
     * @param block      indexes of its numbers
     * @param isRead     whether the kernel reads it
     * @param isWritten  whether the kernel changes it
     */
    private record Operand(int name, Ranges.Range block, boolean isRead, boolean isWritten) {}

    /** Copy of an operand in another bank, for the time of a launch. */
    private record Borrowed(Operand operand, Ranges.Range copy) {}

    Launch(DeviceMemory memory, Kernel kernel) {
        this.memory = memory;
        this.kernel = kernel;
    }

    /** Sets a size, or another integer. */
    Launch set(int name, int value) {
        name(name);
        integers[name] = value;
        return this;
    }

    private void name(int name) {
        if ((named & (1 << name)) != 0) {
            throw new IllegalArgumentException("argument " + name + " of kernel " + kernel.source() + " is set twice");
        }
        named |= 1 << name;
    }

    /** Sets a real number. */
    Launch setReal(int name, double value) {
        reals[name] = (float) value;
        return this;
    }

    /**
     * Sets a real number in double precision: three numbers of single precision, whose sum it is, from the name on.
     *
     * <p>No bit is lost of a number whose lowest bit is one that single precision reaches, as in all of 1e-29 or more.
     */
    Launch setDouble(int name, double value) {
        float high = (float) value;
        float middle = (float) (value - high);
        float low = (float) (value - high - middle);
        return setReal(name, high).setReal(name + 1, middle).setReal(name + 2, low);
    }

    /** Sets the place of a buffer that the kernel reads. */
    Launch read(int name, Buffer buffer) {
        return operand(new Operand(name, memory.read(buffer), true, false));
    }

    /** Sets the place of a buffer all of which the kernel sets. */
    Launch write(int name, Buffer buffer) {
        return operand(new Operand(name, memory.write(buffer), false, true));
    }

    /** Sets the place of a buffer that the kernel changes. */
    Launch update(int name, Buffer buffer) {
        return operand(new Operand(name, memory.update(buffer), true, true));
    }

    /** Sets the place of numbers on the device, of which the host knows nothing. */
    Launch on(int name, Ranges.Range block) {
        return operand(new Operand(name, block, true, true));
    }

    private Launch operand(Operand operand) {
        name(operand.name);
        operands.add(operand);
        return this;
    }

    /** Runs the kernel in so many groups of threads. */
    void runGroups(long count) {
        run(count, 1);
    }

    /** Runs the kernel in at least so many threads. */
    void runThreads(long count) {
        runThreads(count, 1);
    }

    /** Runs the kernel in at least so many threads in each direction. */
    void runThreads(long x, long y) {
        run(Math.ceilDiv(x, kernel.localX()), Math.ceilDiv(y, kernel.localY()));
    }

    /** Runs the kernel now in at least so many threads, before the launches that are queued. */
    void runThreadsAhead(long count) {
        List<Borrowed> borrowed = new ArrayList<>();
        List<Bank> banks =
                kernel.operands().stream().map(group -> bind(group, borrowed)).toList();
        memory.program().runAhead(kernel, banks, Math.ceilDiv(count, kernel.localX()), 1, integers, reals);
    }

    private void run(long groupsX, long groupsY) {
        var banks = new ArrayList<Bank>();
        List<Borrowed> borrowed = new ArrayList<>();
        for (Kernel.Operands group : kernel.operands()) {
            banks.add(bind(group, borrowed));
        }
        memory.program().run(kernel, banks, groupsX, groupsY, integers, reals);
        for (Borrowed each : borrowed) {
            if (each.operand.isWritten) {
                memory.moveBorrowed(each.copy, each.operand.block);
            }
            memory.banks().giveBack(each.copy);
        }
    }

    /** Chooses the bank of a group of operands, borrows those that lie elsewhere, and sets all places. */
    private Bank bind(Kernel.Operands group, List<Borrowed> borrowed) {
        List<Operand> members =
                operands.stream().filter(operand -> group.has(operand.name)).toList();
        List<Bank> candidates = memory.banks().of(group.roles());
        if (candidates.isEmpty()) {
            throw memory.banks().full(group.roles().iterator().next(), numbers(members), candidates);
        }
        Bank best = candidates.getFirst();
        long most = 0;
        for (Bank candidate : candidates) {
            long numbers = numbers(
                    members.stream().filter(operand -> isIn(candidate, operand)).toList());
            if (numbers > most) {
                best = candidate;
                most = numbers;
            }
        }
        if (borrows(best, members, borrowed)) {
            return best;
        }
        for (Bank other : candidates) {
            if (other != best && borrows(other, members, borrowed)) {
                return other;
            }
        }
        throw memory.banks().full(best.role(), numbers(members), candidates);
    }

    private static long numbers(List<Operand> operands) {
        return operands.stream().mapToLong(operand -> operand.block.length()).sum();
    }

    private static boolean isIn(Bank bank, Operand operand) {
        return operand.block.start() >= bank.range().start()
                && operand.block.start() < bank.range().end();
    }

    /** Sets the places of operands in a bank, and copies those there that lie elsewhere, if it has room for them. */
    private boolean borrows(Bank bank, List<Operand> members, List<Borrowed> borrowed) {
        var copies = new ArrayList<Borrowed>();
        for (Operand operand : members) {
            if (operand.block.length() == 0) {
                continue; // it needs no place
            }
            if (isIn(bank, operand)) {
                integers[operand.name] = bank.place(operand.block.start());
                continue;
            }
            Ranges.Range copy = memory.banks().takeIn(bank, operand.block.length());
            if (copy == null) {
                copies.forEach(earlier -> memory.banks().giveBack(earlier.copy));
                return false;
            }
            copies.add(new Borrowed(operand, new Ranges.Range(copy.start(), copy.start() + operand.block.length())));
            integers[operand.name] = bank.place(copy.start());
        }
        for (Borrowed each : copies) {
            if (each.operand.isRead) {
                memory.moveBorrowed(each.operand.block, each.copy);
            }
        }
        borrowed.addAll(copies);
        return true;
    }
}
