package io.jackfield.broker.transport;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Memory that holds what all connections together were sent and have not read, whatever they speak. What the operating system took since an
 * output last looked is still counted; {@link #enforce} has all of them look again before anybody is ended. Owned by the broker loop.
 */
public final class OutputBudget {
    /** Connections of one kind that share the budget. Called on the loop. */
    public interface Outputs {
        /** Sends what can be sent, and has each connection tell the budget what is left. */
        void settle();

        /** What the connection that holds most is charged with; 0 if none holds anything. */
        long most();

        /** Ends the connection that holds most, which gives all of it back before this returns. */
        void cutOffMost(String reason);
    }

    private final long bytesMax;
    private final List<Outputs> sharers = new ArrayList<>();
    private long usedBytes;

    /** @param bytesMax {@code output-bytes-total-max} */
    public OutputBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Has them share the budget from now on. On the loop, or before it knows the budget. */
    public void share(Outputs outputs) {
        sharers.add(outputs);
    }

    /** An output holds as many bytes more, or fewer. */
    public void add(long bytes) {
        usedBytes += bytes;
    }

    /** Whether it is time to {@link #enforce} it. */
    public boolean exceeded() {
        return usedBytes > bytesMax;
    }

    /** What all outputs hold, as last looked at. */
    public long usedBytes() {
        return usedBytes;
    }

    /** Ends the connections that hold most of what was not read, until the rest is within the limit. */
    public void enforce() {
        sharers.forEach(Outputs::settle);
        while (exceeded()) {
            Outputs largest = Collections.max(sharers, Comparator.comparingLong(Outputs::most));
            long most = largest.most();
            if (most == 0) {
                return;
            }
            largest.cutOffMost(most + " bytes wait to be read by it, the most of all, and " + usedBytes
                    + " in all (output-bytes-total-max: " + bytesMax + ")");
        }
    }
}
