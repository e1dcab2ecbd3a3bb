package io.jackfield.kit;

import io.jackfield.protocol.Jf1Message;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What waits to be sent by a link, bounded by bytes. Any thread puts in, the link's thread takes out. */
final class Outbox {
    /** While as much waits, who can wait does, else a handler that is faster than the link would fill the heap. */
    static final long BRAKE_BYTES = 4L << 20;

    /** What a message without a body is charged. */
    private static final long MESSAGE_BYTES_MIN = 1 << 10;

    private final long bytesMax;
    private final Deque<Item> items = new ConcurrentLinkedDeque<>();
    private final AtomicLong bytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition look = lock.newCondition();

    /** A message, and the session it is meant for. */
    record Item(Jf1Message message, int session, long bytes) {
        Item(Jf1Message message, int session) {
            this(message, session, Math.max(MESSAGE_BYTES_MIN, message.bodyBytes()));
        }
    }

    Outbox(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** False, and nothing has happened, if it is full. A lone message always fits. */
    boolean offer(Item item) {
        long now = bytes.get();
        while (now == 0 || now + item.bytes <= bytesMax) {
            if (bytes.compareAndSet(now, now + item.bytes)) {
                items.addLast(item);
                return true;
            }
            now = bytes.get();
        }
        return false;
    }

    /** What became of a message that waited for room. */
    enum Outcome {
        TAKEN,
        FULL,
        /** Nobody wants it any more, or its time is over. */
        GIVEN_UP
    }

    /**
     * Waits until less than {@link #BRAKE_BYTES} waits: then takes the message, one at a time, so that all who wait together exceed it by no
     * more than one message.
     *
     * @param wanted looked at again after each {@link #wake}
     * @param endNs until when to wait
     */
    Outcome offerWhenThereIsRoom(Item item, BooleanSupplier wanted, long endNs) throws InterruptedException {
        lock.lock();
        try {
            while (wanted.getAsBoolean()) {
                if (bytes.get() < BRAKE_BYTES) {
                    return offer(item) ? Outcome.TAKEN : Outcome.FULL;
                }
                if (look.awaitNanos(endNs - System.nanoTime()) <= 0) {
                    return Outcome.GIVEN_UP;
                }
            }
            return Outcome.GIVEN_UP;
        } finally {
            lock.unlock();
        }
    }

    /** Has those who wait for room look whether they still want it. */
    void wake() {
        lock.lock();
        try {
            look.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Before all that waits, and whether it is full or not. */
    void putFirst(Item item) {
        bytes.addAndGet(item.bytes);
        items.addFirst(item);
    }

    @Nullable
    Item peek() {
        return items.peek();
    }

    /** Takes out what {@link #peek} gave. */
    void removeFirst() {
        gone(items.removeFirst());
    }

    void removeIf(Predicate<Item> unwanted) {
        for (Iterator<Item> waiting = items.iterator(); waiting.hasNext(); ) {
            Item item = waiting.next();
            if (unwanted.test(item)) {
                waiting.remove();
                gone(item);
            }
        }
    }

    int size() {
        return items.size();
    }

    private void gone(Item item) {
        long left = bytes.addAndGet(-item.bytes);
        // Half of it at once: a thread for each message would be woken too often.
        if (left < BRAKE_BYTES / 2 && left + item.bytes >= BRAKE_BYTES / 2) {
            wake();
        }
    }
}
