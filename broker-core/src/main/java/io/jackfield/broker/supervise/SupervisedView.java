package io.jackfield.broker.supervise;

/**
 * One process place at one moment, for people and programs that watch. Immutable.
 *
 * @param group the name in the configuration
 * @param name of the process: {@code GROUP-N}
 * @param state {@code waiting}, {@code starting}, {@code running}, {@code draining}, {@code stopping},
 *     {@code stopped} or {@code given up}
 * @param pid 0 where there is no process
 * @param upMs since it was started; 0 where it does not run
 * @param restarts lives after the first
 * @param residentBytes as last measured; 0 where there is no limit to measure for
 * @param inFlight requests that its workers are still to answer while it is draining; else 0
 * @param reason why the last life ended, or is to end; empty before
 */
public record SupervisedView(
        String group,
        String name,
        String state,
        long pid,
        long upMs,
        long restarts,
        long residentBytes,
        int inFlight,
        String reason) {}
