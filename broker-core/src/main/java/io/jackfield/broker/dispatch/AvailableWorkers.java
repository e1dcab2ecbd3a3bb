package io.jackfield.broker.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one service that have credit: the least loaded first, among equals the one that has waited longest. Lists by load make
 * every operation constant in the number of workers.
 */
final class AvailableWorkers {
    private final List<Ring> byLoad = new ArrayList<>();
    private int lowest;
    private int count;

    /** The only worker here, if its load has changed since it was placed. */
    private @Nullable Place misplaced;

    /** A worker's place among the workers of one service. */
    static final class Place {
        final Service service;
        final WorkerSession session;
        private @Nullable Place next;
        private @Nullable Place previous;
        private int load = ABSENT;

        private static final int ABSENT = -1;

        Place(Service service, WorkerSession session) {
            this.service = service;
            this.session = session;
        }
    }

    private static final class Ring {
        private @Nullable Place first;
        private @Nullable Place last;
    }

    int count() {
        return count;
    }

    /** The worker to use next; null if none has credit. */
    @Nullable
    WorkerSession first() {
        Place alone = misplaced;
        if (alone != null) {
            return alone.session;
        }
        if (count == 0) {
            return null;
        }
        Place place = byLoad.get(lowest).first;
        while (place == null) {
            lowest++;
            place = byLoad.get(lowest).first;
        }
        return place.session;
    }

    /** Puts the worker where its load and credit say, behind its equals; takes it out if it has no credit. */
    void update(Place place) {
        boolean alone = count == 1 && place.load != Place.ABSENT;
        if (alone && place.session.hasCredit()) {
            if (misplaced != place) { // to write a reference costs more than to look at it
                misplaced = place;
            }
            return;
        }
        remove(place);
        if (place.session.hasCredit()) {
            placeMisplaced();
            addLast(place, place.session.inFlightCount());
        }
    }

    /** Who is alone need not be moved each time its load changes; who comes second finds it in its place. */
    private void placeMisplaced() {
        Place alone = misplaced;
        if (alone != null) {
            remove(alone);
            addLast(alone, alone.session.inFlightCount());
        }
    }

    void remove(Place place) {
        if (place.load == Place.ABSENT) {
            return;
        }
        if (misplaced == place) {
            misplaced = null;
        }
        Ring ring = byLoad.get(place.load);
        if (place.previous == null) {
            ring.first = place.next;
        } else {
            place.previous.next = place.next;
        }
        if (place.next == null) {
            ring.last = place.previous;
        } else {
            place.next.previous = place.previous;
        }
        place.next = null;
        place.previous = null;
        place.load = Place.ABSENT;
        count--;
    }

    private void addLast(Place place, int load) {
        while (byLoad.size() <= load) {
            byLoad.add(new Ring());
        }
        Ring ring = byLoad.get(load);
        place.previous = ring.last;
        if (ring.last == null) {
            ring.first = place;
        } else {
            ring.last.next = place;
        }
        ring.last = place;
        place.load = load;
        lowest = count == 0 ? load : Math.min(lowest, load);
        count++;
    }
}
