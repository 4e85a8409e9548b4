import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs tests where there is no Maven, with a line for each case as soon as it has ended.
 *
 * <p>usage: DeviceTests FOLDER [CASE...]; a case is as JUnit's selectors are written, such as {@code method:Type#name(int)} or
 * {@code iteration:method:Type#name(int)[0]}. Without any, all tests of the folder's classes run. It ends with code 0 if none
 * failed, and some passed.
 */
class DeviceTests {

    public static void main(String[] args) {
        List<? extends DiscoverySelector> selectors = args.length == 1
                ? selectClasspathRoots(Set.of(Path.of(args[0])))
                : DiscoverySelectors.parseAll(Arrays.copyOfRange(args, 1, args.length))
                        .toList();
        var request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, summary, new Lines());
        summary.getSummary().printFailuresTo(new PrintWriter(System.out, true), 3);
        long passed = summary.getSummary().getTestsSucceededCount();
        long failed = summary.getSummary().getTotalFailureCount();
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static final class Lines implements TestExecutionListener {

        private long start;

        @Override
        public void executionStarted(TestIdentifier test) {
            start = System.nanoTime();
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                String id = test.getParentIdObject()
                        .orElse(test.getUniqueIdObject())
                        .getLastSegment()
                        .getValue();
                long millis = (System.nanoTime() - start) / 1_000_000;
                System.out.printf("%-10s %6d ms  %s %s%n", result.getStatus(), millis, id, test.getDisplayName());
            }
        }
    }
}
