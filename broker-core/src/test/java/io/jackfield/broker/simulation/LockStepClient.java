package io.jackfield.broker.simulation;

import io.jackfield.broker.simulation.Ledger.Entry;
import io.jackfield.broker.simulation.Ledger.Question;
import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client on a REQ socket, plain or Majordomo: it asks again when it has its answer, and not before. */
final class LockStepClient extends Program {
    private static final byte[] MDP_HEADER = "MDPC01".getBytes(StandardCharsets.US_ASCII);
    private static final String ERROR = "JACKFIELD-ERROR ";

    private final boolean mdp;
    private final boolean correlates;
    private String service = World.DEFAULT;
    private byte[] requestId = EMPTY;
    private int asked;
    private @Nullable Entry waiting;

    LockStepClient(World world, boolean mdp, boolean correlates) {
        super(world, (mdp ? "mdp" : "plain") + " REQ client", mdp ? World.ANY : World.CLIENTS, SocketType.REQ);
        this.mdp = mdp;
        this.correlates = correlates;
    }

    @Override
    void connected() {
        if (world.chance(25)) {
            later(world.random.nextInt(500), this::crash);
        }
        askLater();
    }

    @Override
    void disconnected() {
        if (waiting != null) {
            world.ledger.excuse(waiting);
            waiting = null;
        }
    }

    @Override
    void heard(List<byte[]> frames) {
        Entry entry = waiting;
        if (entry == null) {
            throw new AssertionError(name + " asked nothing and heard something");
        }
        waiting = null;
        checkHead(frames);
        String body = Ledger.text(frames.get(frames.size() - 1));
        if (body.startsWith(ERROR)) {
            int number = Integer.parseInt(body.substring(ERROR.length()).split(" ", 2)[0]);
            world.ledger.failed(entry, ErrorCode.of(number).orElseThrow());
        } else if (world.ledger.answered(body) == entry) {
            world.ledger.replied(entry);
        } else {
            throw new AssertionError(name + " waits for " + entry + " and got " + body);
        }
        askLater();
    }

    private void askLater() {
        later(world.random.nextInt(60), () -> {
            if (!world.isCalm()) {
                ask();
            }
        });
    }

    private void ask() {
        if (world.chance(4)) {
            // No empty frame: a REQ socket would not send that.
            world.trace(name + " says nonsense");
            say(new byte[] {7});
        }
        if (mdp) {
            service = world.random.nextBoolean() ? World.SAFE : World.ONCE;
        }
        int padding = world.chance(3) ? World.BODY_BYTES_MAX : world.random.nextInt(120);
        Entry entry = world.ledger.ask(new Question(service, false, World.TIMEOUT_MS, padding));
        waiting = entry;
        requestId = correlates ? new byte[] {1, 0, 0, (byte) asked++} : EMPTY;
        List<byte[]> frames = new ArrayList<>(head());
        frames.add(entry.body());
        say(frames.toArray(byte[][]::new));
        if (world.chance(3)) {
            later(world.random.nextInt(30), this::crash);
        }
    }

    private List<byte[]> head() {
        List<byte[]> head = new ArrayList<>();
        if (correlates) {
            head.add(requestId);
        }
        head.add(EMPTY);
        if (mdp) {
            head.add(MDP_HEADER);
            head.add(service.getBytes(StandardCharsets.UTF_8));
        }
        return head;
    }

    /** What stood before the request stands before its answer. */
    private void checkHead(List<byte[]> frames) {
        List<byte[]> head = head();
        boolean same = frames.size() == head.size() + 1;
        for (int i = 0; same && i < head.size(); i++) {
            same = Arrays.equals(head.get(i), frames.get(i));
        }
        if (!same) {
            throw new AssertionError(name + " got an answer with another head than its request");
        }
    }
}
