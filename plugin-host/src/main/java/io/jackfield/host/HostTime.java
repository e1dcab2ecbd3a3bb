package io.jackfield.host;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Where time comes from.
 *
 * @param nanoClock only goes forward; its zero means nothing
 * @param wallClock for showing
 */
public record HostTime(LongSupplier nanoClock, InstantSource wallClock) {

    /** The time of this machine. */
    public static HostTime system() {
        return new HostTime(System::nanoTime, InstantSource.system());
    }

    long nowNs() {
        return nanoClock.getAsLong();
    }
}
