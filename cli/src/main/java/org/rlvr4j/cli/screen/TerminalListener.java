package org.rlvr4j.cli.screen;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.Results;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.report.Table;

/** Listener that shows the progress of a training or an evaluation on the terminal. */
public final class TerminalListener implements RunListener {

    private final Screen screen;
    private final PrintStream err;
    private @Nullable Progress progress;
    private @Nullable MemoryPlan plan;

    /**
     * @param screen place where progress is shown
     * @param err    stream that warnings are printed to
     */
    public TerminalListener(Screen screen, PrintStream err) {
        this.screen = screen;
        this.err = err;
    }

    @Override
    public void message(String sentence) {
        screen.out().println(sentence);
    }

    @Override
    public void warned(String sentence) {
        err.println("rlvr4j: " + sentence);
    }

    @Override
    public void planned(MemoryPlan needed, MachineMemory machine) {
        plan = needed;
        screen.out().println("needs " + needed + "; the machine has " + machine);
    }

    @Override
    public void began(Work work) {
        progress = new Progress(screen, work.label(), work.finished(), work.total());
    }

    @Override
    public void warmedUp(int step, double loss) {
        advance(String.format("loss %.3f", loss));
    }

    @Override
    public void stepped(Name run, Trainer.Step step) {
        if (progress != null) {
            step.obstacles().forEach(progress::println);
        }
        advance(String.format(
                "reward %+.2f  accuracy %.2f",
                step.metrics().reward(), step.metrics().accuracy()));
    }

    @Override
    public void answered() {
        advance("");
    }

    private void advance(String note) {
        if (progress != null) {
            progress.advance(note);
        }
    }

    @Override
    public void ended(Work work) {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }

    /** Prints the tables, the path of the report and the peak memory. */
    public void print(Results results) {
        PrintStream out = screen.out();
        for (Table table : results.tables()) {
            out.println();
            out.print(table.toText());
        }
        out.println();
        out.println("Report: " + results.reportFile());
        if (plan != null) {
            String predicted = MachineMemory.gigabytes(plan.total());
            MachineMemory.peak()
                    .ifPresent(peak -> out.println(String.format(
                            Locale.ROOT, "Peak memory: %s (predicted: %s)", MachineMemory.gigabytes(peak), predicted)));
        }
    }
}
