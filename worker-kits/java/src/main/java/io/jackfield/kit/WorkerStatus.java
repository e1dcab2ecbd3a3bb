package io.jackfield.kit;

import java.time.Duration;

/**
 * What a worker does at one moment.
 *
 * @param brokers how many have taken it in and are connected
 * @param inFlight requests that run or wait for a thread
 * @param oldest time since the oldest of them came; zero when there is none
 * @param draining whether it is about to leave
 */
public record WorkerStatus(int brokers, int inFlight, Duration oldest, boolean draining) {}
