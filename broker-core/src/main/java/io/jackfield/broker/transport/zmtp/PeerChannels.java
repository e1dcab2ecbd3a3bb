package io.jackfield.broker.transport.zmtp;

import io.jackfield.broker.loop.Clock;
import io.jackfield.broker.loop.netty.NettyLoop;
import io.jackfield.broker.transport.OutputBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections of one transport, and what they share. Owned by the broker loop, which calls {@link #sweep} from time to time.
 */
final class PeerChannels implements OutputBudget.Outputs {
    private static final Logger LOG = LoggerFactory.getLogger(ZmtpTransport.class);

    static final int SWEEP_MS = 100;

    /**
     * So much of the time between two sweeps counts at most: a loop that stood still has read nothing, and judges nobody by the time that it
     * missed itself.
     */
    private static final long STEP_NS_MAX = 2L * SWEEP_MS * 1_000_000;

    /** Input and output take one part each; the pool rounds up, and reads need some. */
    private static final int MEMORY_PARTS = 4;

    /** Lines in the log from one sweep to the next: hostile peers must not fill the disk. */
    private static final int LINES_MAX = 20;

    private final NettyLoop loop;
    private final Clock clock;
    private final ZmtpLimits limits;
    private final ZmtpCounters counters = new ZmtpCounters();
    private final TurnFlush turnFlush;
    private final InputBudget inputBudget;
    private final OutputBudget outputBudget;
    private final PeerAdmission admission;
    private final Set<PeerChannel> connected = new LinkedHashSet<>();
    private final List<Runnable> onEmpty = new ArrayList<>();

    private long sweptNs;
    private long nowNs;
    private long lastId;
    private int lines;
    private boolean closing;

    PeerChannels(NettyLoop loop, Clock clock, ZmtpLimits limits) {
        this.loop = loop;
        this.clock = clock;
        this.limits = limits;
        this.turnFlush = new TurnFlush(loop);
        this.inputBudget =
                new InputBudget(affordable("input-bytes-max", limits.totalInputBytesMax()), this::limitInput);
        this.outputBudget = new OutputBudget(affordable("output-bytes-total-max", limits.outputBytesTotalMax()));
        outputBudget.share(this);
        this.admission = new PeerAdmission(limits);
        this.sweptNs = clock.nowNs();
        this.nowNs = sweptNs;
    }

    /**
     * A limit beyond the memory that there is would not hold. What is read and written lies in direct memory; the JVM allows as much of that
     * as of heap, where nothing else is said.
     */
    private static long affordable(String limit, long bytesMax) {
        long most = Runtime.getRuntime().maxMemory() / MEMORY_PARTS;
        if (bytesMax > most) {
            LOG.info("{} is {} bytes: a quarter of the memory that this JVM may use", limit, most);
        }
        return Math.min(bytesMax, most);
    }

    NettyLoop loop() {
        return loop;
    }

    ZmtpLimits limits() {
        return limits;
    }

    ZmtpCounters counters() {
        return counters;
    }

    TurnFlush turnFlush() {
        return turnFlush;
    }

    InputBudget inputBudget() {
        return inputBudget;
    }

    OutputBudget outputBudget() {
        return outputBudget;
    }

    /** Time that peers are judged by: of the last sweep, and standing still while the loop did. */
    long nowNs() {
        return nowNs;
    }

    long nextId() {
        return ++lastId;
    }

    void add(PeerChannel peer) throws ZmtpViolation {
        connected.add(peer);
        counters.countAccepted();
        if (closing || connected.size() > limits.peersMax()) {
            throw new ZmtpViolation(
                    Refusal.PEER_LIMIT, connected.size() + " connections (peers-max: " + limits.peersMax() + ")");
        }
    }

    /** Has the connections that came from elsewhere counted. */
    PeerAdmission admission() {
        return admission;
    }

    @Override
    public void settle() {
        connected.forEach(PeerChannel::settleOutput);
    }

    @Override
    public long most() {
        return connected.isEmpty() ? 0 : mostHolding().heldOutput();
    }

    @Override
    public void cutOffMost(String reason) {
        mostHolding().cutOff(new ZmtpViolation(Refusal.OUTPUT_BYTES, reason));
    }

    private PeerChannel mostHolding() {
        return Collections.max(connected, Comparator.comparingLong(PeerChannel::heldOutput));
    }

    /** See {@link InputBudget.Room}. */
    private boolean limitInput(InputBudget.Share asking, int bytes) {
        PeerChannel largest = Collections.max(
                connected, Comparator.comparingInt(peer -> peer.input().bytes()));
        if (largest.input() == asking || largest.input().bytes() <= bytes) {
            return false;
        }
        largest.cutOff(new ZmtpViolation(
                Refusal.INPUT_BYTES, "what waits of its input is most: " + inputBudget.reason(bytes)));
        return true;
    }

    void remove(PeerChannel peer) {
        connected.remove(peer);
        if (connected.isEmpty()) {
            onEmpty.forEach(Runnable::run);
            onEmpty.clear();
        }
    }

    int size() {
        return connected.size();
    }

    /** Ends the connections that took too long over something. */
    void sweep() {
        long previousNs = sweptNs;
        sweptNs = clock.nowNs();
        nowNs += Math.min(sweptNs - previousNs, STEP_NS_MAX);
        if (lines > LINES_MAX) {
            LOG.warn("{} more peers were ended, not logged one by one", lines - LINES_MAX);
        }
        lines = 0;
        for (PeerChannel peer : connected) { // ending a connection removes it in a later turn
            peer.judge(nowNs);
        }
    }

    /** Closes all and runs the command when the last has gone. */
    void close(Runnable then) {
        closing = true;
        if (connected.isEmpty()) {
            then.run();
            return;
        }
        onEmpty.add(then);
        for (PeerChannel peer : connected) {
            peer.close("the broker closes the endpoint");
        }
    }

    /** Counts a refused peer and says so in the log. */
    void refused(String remoteAddress, ZmtpViolation violation) {
        counters.count(violation.refusal());
        lines++;
        if (lines <= LINES_MAX) {
            LOG.warn("peer {} was ended: {}", remoteAddress, violation.reason());
        }
    }
}
