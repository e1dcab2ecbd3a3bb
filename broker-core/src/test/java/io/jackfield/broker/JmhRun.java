package io.jackfield.broker;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks of single parts; no test, and not run as one. Without profile {@code jmh} there is no list of them, and this fails:
 *
 * <pre>
 * mvn -Pjmh -Dfast -pl broker-core -am test -Dtest=JmhRun -Dsurefire.failIfNoSpecifiedTests=false [-Djmh.include=Decoder]
 * </pre>
 */
class JmhRun {
    private static final int FORKS = 2;
    private static final int WARM_UPS = 3;
    private static final int MEASUREMENTS = 5;

    @Test
    void run() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(System.getProperty("jmh.include", ".*"))
                        .forks(FORKS)
                        .warmupIterations(WARM_UPS)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(MEASUREMENTS)
                        .measurementTime(TimeValue.seconds(1))
                        .shouldFailOnError(true)
                        .build())
                .run();
    }
}
