package io.jackfield.broker.simulation;

import io.jackfield.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What really happened to each request, seen from outside: who asked, which workers were given it, how it ended. A request's body is
 * {@code ask N} and padding, its reply {@code re N}: nothing else tells requests apart, so nothing the broker mixes up stays hidden.
 */
final class Ledger {
    /** The way there and back, a tick of the deadline wheel, and the broker's pauses. */
    private static final long SLACK_NS = 250 * World.NS_PER_MS;

    private final Map<String, Integer> attemptsMax;
    private final Tally tally;
    private final LongSupplier nowNs;
    private final List<Entry> entries = new ArrayList<>();

    /** @param attemptsMax by service whose requests may be carried out more than once */
    Ledger(Map<String, Integer> attemptsMax, Tally tally, LongSupplier nowNs) {
        this.attemptsMax = attemptsMax;
        this.tally = tally;
        this.nowNs = nowNs;
    }

    /** One request. */
    static final class Entry {
        final int number;
        final String service;
        final int attemptsMax;
        private final String body;
        private final long askedNs;
        private final long timeoutNs;
        private long excusedNs;
        private int given;
        private boolean answeredInPart;
        private boolean seenInPart;
        private boolean ended;
        private boolean excused;

        Entry(int number, Question question, int attemptsMax, long askedNs) {
            this.number = number;
            this.service = question.service;
            this.attemptsMax = attemptsMax;
            this.body = "ask " + number + " " + "x".repeat(question.padding);
            this.timeoutNs = question.timeoutMs * World.NS_PER_MS;
            this.askedNs = askedNs;
        }

        byte[] body() {
            return body.getBytes(StandardCharsets.UTF_8);
        }

        int given() {
            return given;
        }

        boolean ended() {
            return ended;
        }

        /** A worker has sent one of several replies: no other may begin anew. */
        void answeredInPart() {
            answeredInPart = true;
        }

        /** The client has seen one of several replies. */
        void seenInPart() {
            seenInPart = true;
        }

        @Override
        public String toString() {
            return "request " + number + " to " + service + " (given " + given + " times)";
        }
    }

    /**
     * What a client is about to ask.
     *
     * @param idempotent the client allows that it is carried out more than once
     * @param timeoutMs its own, or the service's
     */
    record Question(String service, boolean idempotent, long timeoutMs, int padding) {}

    Entry ask(Question question) {
        int most = question.idempotent ? World.ATTEMPTS_MAX : attemptsMax.getOrDefault(question.service, 1);
        Entry entry = new Entry(entries.size(), question, most, nowNs.getAsLong());
        entries.add(entry);
        tally.add(Tally.Kind.ASKED);
        return entry;
    }

    /** A worker is given a request with this body. */
    Entry given(String body) {
        if (!body.startsWith("ask ")) {
            throw new AssertionError("a worker was given what nobody asked: " + body);
        }
        Entry entry = find(body);
        expect(body.equals(entry.body), entry, "a worker was given another body: " + body);
        expect(!entry.ended, entry, "a worker was given it after its end");
        expect(!entry.seenInPart, entry, "a worker began anew after its client had seen a part of the answer");
        boolean longGone = entry.excused && nowNs.getAsLong() - entry.excusedNs > SLACK_NS;
        expect(!longGone, entry, "a worker was given it long after its client had gone");
        entry.given++;
        expect(entry.given <= entry.attemptsMax, entry, "was carried out too often");
        return entry;
    }

    /** The entry that a request with this body is. */
    Entry find(String body) {
        return entries.get(Integer.parseInt(body.split(" ", 3)[1]));
    }

    static byte[] replyTo(Entry entry) {
        return ("re " + entry.number).getBytes(StandardCharsets.UTF_8);
    }

    /** The entry that a reply with this body answers. */
    Entry answered(String body) {
        if (!body.startsWith("re ")) {
            throw new AssertionError("a client got a reply that no worker gave: " + body);
        }
        return entries.get(Integer.parseInt(body.substring(3)));
    }

    void replied(Entry entry) {
        expect(entry.given > 0, entry, "was answered without being given to anybody");
        end(entry);
        tally.add(Tally.Kind.REPLIED);
    }

    void failed(Entry entry, ErrorCode code) {
        end(entry);
        boolean triedEnough = entry.given >= entry.attemptsMax || entry.answeredInPart;
        long earlyNs = entry.askedNs + entry.timeoutNs - nowNs.getAsLong();
        expect(code != ErrorCode.DEADLINE_EXCEEDED || earlyNs < SLACK_NS / 2, entry, "was given up early");
        expect(code != ErrorCode.WORKER_LOST || triedEnough, entry, "failed with WORKER_LOST while attempts are left");
        tally.add(code == ErrorCode.INTERNAL_ERROR ? Tally.Kind.WORKER_THREW : Tally.Kind.valueOf(code.name()));
    }

    /** Its client is gone: nobody sees how it ends. */
    void excuse(Entry entry) {
        entry.excused = true;
        entry.excusedNs = nowNs.getAsLong();
    }

    /** When everything is quiet. */
    void checkAllEnded() {
        for (Entry entry : entries) {
            expect(entry.ended || entry.excused, entry, "has not ended");
        }
    }

    private void end(Entry entry) {
        long lateNs = nowNs.getAsLong() - entry.askedNs - entry.timeoutNs;
        expect(lateNs < SLACK_NS, entry, "ended " + lateNs / World.NS_PER_MS + " ms after its deadline");
        expect(!entry.ended, entry, "ended a second time");
        expect(!entry.excused, entry, "ended for a client that is gone");
        entry.ended = true;
    }

    private static void expect(boolean holds, Entry entry, String otherwise) {
        if (!holds) {
            throw new AssertionError(entry + ": " + otherwise);
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
