package org.rlvr4j.cli;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.rlvr4j.run.Interruption;

/**
 * Signal handler: the first Ctrl-C, SIGTERM or SIGHUP requests an early end of work that checks for it; before the work
 * checks, and a second time, they end it at once.
 *
 * <p>The platform's class for it is none of the Java language's, so that it is reached by reflection; where there is
 * none, or another program has reserved the signals ({@code -Xrs}), they end the process at once.
 */
final class Signals {

    /** Exit code of an interrupted process, as shells report it for Ctrl-C. */
    static final int EXIT_CODE = 130;

    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    private final Interruption interruption;
    private final PrintStream err;
    private final Runnable halt;

    /**
     * @param interruption receives the request to end early
     * @param err          stream on which a signal is answered
     * @param halt         ends the process
     */
    Signals(Interruption interruption, PrintStream err, Runnable halt) {
        this.interruption = interruption;
        this.err = err;
        this.halt = halt;
    }

    /** Handles the signals of this process, but for those that it was started to ignore. */
    static void listen(Interruption interruption) {
        var signals =
                new Signals(interruption, System.err, () -> Runtime.getRuntime().halt(EXIT_CODE));
        NAMES.forEach(signals::handle);
    }

    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object received = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (_, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(this, arguments); // a method of every object
                        }
                        receive();
                        return null;
                    });
            Object number = signal.getConstructor(String.class).newInstance(name);
            var handle = signal.getMethod("handle", signal, handler);
            Object before = handle.invoke(null, number, received);
            Object ignore = handler.getField("SIG_IGN").get(null);
            if (ignore.equals(before)) {
                handle.invoke(null, number, ignore);
            }
        } catch (InvocationTargetException e) {
            return; // reserved, or unknown to this system
        } catch (ReflectiveOperationException e) {
            return; // no such class
        }
    }

    /** Answers a signal; each is received on a thread of its own. */
    synchronized void receive() {
        if (interruption.isRequested() || !interruption.isChecked()) {
            halt.run();
            return;
        }
        interruption.request();
        err.println();
        err.println("rlvr4j: ends after " + interruption.unfinished()
                + " and saves what is made; Ctrl-C once more ends at once, and what is not on the disk is lost");
    }
}
