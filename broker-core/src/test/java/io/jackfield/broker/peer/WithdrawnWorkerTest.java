package io.jackfield.broker.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.broker.transport.SocketType;
import io.jackfield.protocol.Command;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Framing;
import io.jackfield.protocol.Jf1Message;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Workers whose process is to end, in every dialect: they answer what they have, get nothing more, and are not told. */
final class WithdrawnWorkerTest {
    private final Bench bench = new Bench();
    private final TestPeer client = bench.connect(Bench.CLIENTS, SocketType.DEALER);

    @Test
    void shouldLetAPlainWorkerAnswerAndGiveItNothingMore() {
        TestPeer worker = bench.connect(Bench.WORKERS, SocketType.REP);
        client.says("a");
        client.says("b");
        List<byte[]> request = worker.hearsBytes();

        Set<Long> connections = withdraw(2);

        assertEquals(1, bench.registry.inFlight(connections));
        worker.says(request.get(0), "", "re a");
        assertEquals(List.of("re a"), client.hears());
        assertEquals(0, bench.registry.inFlight(connections));
        worker.hearsNothing();
        TestPeer other = bench.connect(Bench.WORKERS, SocketType.REP);
        assertEquals("b", TestPeer.text(other.hearsBytes().get(2)));
    }

    @Test
    void shouldGiveNothingToADealerThatHasNotSpoken() {
        TestPeer worker = bench.connect(Bench.workersWithCredit(2), SocketType.DEALER);
        client.says("a");
        List<byte[]> request = worker.hearsBytes();
        Set<Long> connections = withdraw(2);

        client.says("b");
        worker.hearsNothing();
        assertEquals(1, bench.registry.inFlight(connections));
        worker.says(request.get(0), "re a");
        assertEquals(List.of("re a"), client.hears());
        worker.hearsNothing();
        assertEquals(0, bench.registry.inFlight(connections));
    }

    @Test
    void shouldGiveNothingToAWorkerOfTwoHalves() {
        TestPeer pull = bench.connect(Bench.WORKERS, SocketType.PULL);
        TestPeer push = bench.connect(Bench.WORKERS, SocketType.PUSH);
        client.says("a");
        client.says("b");
        List<byte[]> request = pull.hearsBytes();
        Set<Long> connections = withdraw(2);

        push.says(request.get(0), "re a");

        assertEquals(List.of("re a"), client.hears());
        pull.hearsNothing();
        assertEquals(0, bench.registry.inFlight(connections));
    }

    @Test
    void shouldGiveNothingToAMajordomoWorkerAlsoWhenItSaysReadyAgain() {
        TestPeer worker = bench.connect(SocketType.DEALER);
        worker.says("", "MDPW01", "0x01", "echo");
        withdraw(2);

        client.says("MDPC01", "echo", "a");
        worker.hearsNothing();
        worker.says("", "MDPW01", "0x05");
        worker.says("", "MDPW01", "0x01", "echo");
        worker.hearsNothing();
    }

    @Test
    void shouldGiveNothingToAJf1WorkerWhichDrainsInItsOwnWordsLater() {
        Jf1TestPeer worker = bench.connectJf1(Framing.RAW).joined(2, "echo");
        Jf1TestPeer asking = bench.connectJf1(Framing.RAW);
        asking.asks(1, "echo", "x");
        long token = worker.hears(Command.REQUEST).id();
        Set<Long> connections = withdraw(2);

        asking.asks(2, "echo", "y");
        worker.wire.hearsNothing();
        assertEquals(1, bench.registry.inFlight(connections));
        worker.replies(token, Flags.NONE, "re");
        asking.hearsReply(1, Flags.NONE, "re");
        worker.ready(2, "echo");
        worker.hears(Command.WELCOME);
        worker.wire.hearsNothing();
        worker.says(Jf1Message.drain(0));
        assertEquals(0, worker.hears(Command.DRAIN).header().count());
        worker.wire.hearsNothing();
    }

    /** Whose address is that of the connection of this number. */
    private Set<Long> withdraw(long number) {
        Set<Long> connections = bench.registry.withdraw(address -> address.endsWith(":4000" + number));
        assertEquals(Set.of(number), connections);
        return connections;
    }
}
