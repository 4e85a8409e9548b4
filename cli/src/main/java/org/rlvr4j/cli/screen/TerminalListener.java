package org.rlvr4j.cli.screen;

import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.RunListener;

/** Listener that shows the progress of a training or an evaluation on the terminal. */
public final class TerminalListener implements RunListener {

    private final Screen screen;
    private final PrintStream err;
    private final int shown;
    private double rolloutShare = 0.5; // of the time of a step, as in the latest
    private @Nullable Progress progress;
    private @Nullable MemoryPlan plan;

    /** A listener that shows no answers. */
    public TerminalListener(Screen screen, PrintStream err) {
        this(screen, err, 0);
    }

    /**
     * @param screen place where progress is shown
     * @param err    stream that warnings are printed to
     * @param shown  number of problems in each step of reinforcement of which an answer is shown
     */
    public TerminalListener(Screen screen, PrintStream err, int shown) {
        this.screen = screen;
        this.err = err;
        this.shown = shown;
    }

    @Override
    public void message(String sentence) {
        screen.out().println(sentence);
    }

    @Override
    public void warned(String sentence) {
        if (progress != null) {
            progress.clear();
        }
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
    public void heldBack(int step, double loss) {
        if (progress != null) {
            progress.println(String.format("step %d: held-back loss %.4f", step, loss));
        }
    }

    @Override
    public void stepped(Name run, Trainer.Step step) {
        if (progress != null) {
            step.obstacles().forEach(progress::println);
            Samples.lines(step, shown, screen.columns() - 1).forEach(progress::println);
        }
        double rollout = step.timings().rolloutSeconds();
        double seconds = rollout + step.timings().updateSeconds();
        rolloutShare = seconds > 0 ? rollout / seconds : rolloutShare;
        advance(String.format(
                "reward %+.2f  accuracy %.2f",
                step.metrics().reward(), step.metrics().accuracy()));
    }

    @Override
    public void advanced(Part part) {
        if (progress == null) {
            return;
        }
        double share = (double) part.finished() / part.total();
        String finished = part.finished() + "/" + part.total();
        switch (part.phase()) {
            case ROLLOUT -> progress.within(rolloutShare * share, "answers " + finished);
            case UPDATE ->
                progress.within(rolloutShare + (1 - rolloutShare) * share, "learned " + finished + " tokens");
            case MEASUREMENT -> progress.within(0, "measured " + finished);
        }
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

    /** The memory plan of the work; empty if there was none. */
    public Optional<MemoryPlan> plan() {
        return Optional.ofNullable(plan);
    }
}
