package io.jackfield.broker.dispatch;

import java.util.ArrayDeque;

/**
 * The services that have both a request that waits and a worker with credit. They take turns and give one request each, so that none of the
 * services of one worker uses up its credit. A worker that answers at once leads back here: inside a turn services only get in line, and
 * the stack does not grow with the queue.
 */
final class Turns {
    private final ArrayDeque<Service> line = new ArrayDeque<>();
    private boolean running;

    /** Puts the service in line if it has something to give and somebody to give it to. */
    void add(Service service) {
        if (!service.inLine && service.canGive()) {
            service.inLine = true;
            line.addLast(service);
        }
    }

    /** Lets all in line have their turns, until there is nothing more to give. */
    void run() {
        if (running || line.isEmpty()) {
            return;
        }
        running = true;
        try {
            for (Service next = line.poll(); next != null; next = line.poll()) {
                next.inLine = false;
                next.giveOne();
                add(next);
            }
        } finally {
            running = false;
        }
    }
}
