package io.jackfield.broker.plugin;

import java.util.List;

/**
 * How a new generation takes over from the former one.
 *
 * @param percents of the requests that it gets, step by step; rising, the last one 100
 * @param stepMs how long each step lasts; 0: until it has had its requests
 * @param stepRequests of the new generation that end a step early; 0: only time does
 * @param bounds beyond which the former one takes back
 */
public record RampPlan(List<Integer> percents, long stepMs, int stepRequests, Bounds bounds) {
    /**
     * What a new generation may do wrong.
     *
     * @param errorsPercentMax of its requests that may fail beyond the share that fails at the former one
     * @param latencyMsMax that 95 of 100 of its requests must not exceed; 0: none
     * @param requestsMin that it must have ended before it is judged within a step; at the end of a step it is judged by any number
     */
    public record Bounds(int errorsPercentMax, long latencyMsMax, int requestsMin) {
        /** What holds where nothing is configured. */
        public static final Bounds DEFAULT = new Bounds(5, 0, 10);
    }
}
