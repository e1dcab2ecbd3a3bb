package io.jackfield.broker.plugin;

/**
 * What became of generations that were unloaded, since the broker was started. Immutable.
 *
 * @param unloaded all of them
 * @param collected whose classes have left memory
 * @param pinned whose classes are kept by something, now
 */
public record UnloadCounts(long unloaded, long collected, long pinned) {
    static final UnloadCounts NONE = new UnloadCounts(0, 0, 0);

    UnloadCounts oneUnloaded() {
        return new UnloadCounts(unloaded + 1, collected, pinned);
    }

    UnloadCounts onePinned() {
        return new UnloadCounts(unloaded, collected, pinned + 1);
    }

    UnloadCounts oneCollected(boolean wasPinned) {
        return new UnloadCounts(unloaded, collected + 1, wasPinned ? pinned - 1 : pinned);
    }
}
