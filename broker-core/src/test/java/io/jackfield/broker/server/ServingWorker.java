package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.zeromq.SocketType;

/** A worker of each kind outside the broker: takes requests one by one and answers when the test says so. */
interface ServingWorker extends AutoCloseable {
    /** Waits for a request; its body. */
    String takes() throws IOException;

    /** Answers the request that was taken last. */
    void replies(String body) throws IOException;

    @Override
    void close() throws IOException;

    /** A program of another library. */
    static ServingWorker plain(String address) {
        Wired rep = new Wired(SocketType.REP, address);
        return new ServingWorker() {
            @Override
            public String takes() {
                return String.join("|", rep.hears());
            }

            @Override
            public void replies(String body) {
                rep.says(body);
            }

            @Override
            public void close() {
                rep.close();
            }
        };
    }

    /** The same by its frames alone: when it is closed, its connection is. */
    static ServingWorker bareRep(String address) throws IOException {
        return new Framed(RawZmtp.opened(address, "REP"), 2) {
            @Override
            public void replies(String body) throws IOException {
                peer.message(taken.get(0), "", body);
            }
        };
    }

    static ServingWorker mdp(String address, String service) throws IOException {
        RawZmtp dealer = RawZmtp.opened(address, "DEALER");
        dealer.message("", "MDPW01", "\1", service);
        return new Framed(dealer, 5) {
            @Override
            public String takes() throws IOException {
                String body = super.takes();
                assertEquals(List.of("", "MDPW01", "\2"), taken.subList(0, 3));
                return body;
            }

            @Override
            public void replies(String body) throws IOException {
                peer.message("", "MDPW01", "\3", taken.get(3), "", body);
            }
        };
    }

    /** Of the golden vector's READY: credit 16. */
    static ServingWorker jf1(String address, String declaration) throws IOException {
        RawZmtp dealer = RawZmtp.opened(address, "DEALER");
        dealer.message(Jf1Bytes.READY_16, "", "", declaration);
        assertEquals(Jf1Bytes.WELCOME, Jf1Bytes.command(dealer.hears().get(0)));
        return new Framed(dealer, 3) {
            @Override
            public void replies(String body) throws IOException {
                peer.message(Jf1Bytes.header(Jf1Bytes.REPLY, Jf1Bytes.id(taken.get(0))), "", "", body);
            }
        };
    }

    /** What workers have in common that are nothing but frames. */
    abstract class Framed implements ServingWorker {
        final RawZmtp peer;
        private final int bodyFrom;
        List<String> taken = List.of();

        Framed(RawZmtp peer, int bodyFrom) {
            this.peer = peer;
            this.bodyFrom = bodyFrom;
        }

        @Override
        public String takes() throws IOException {
            do {
                taken = peer.hears();
            } while (taken.equals(List.of("", "MDPW01", "\4")));
            return String.join("|", taken.subList(bodyFrom, taken.size()));
        }

        @Override
        public void close() throws IOException {
            peer.close();
        }
    }
}
