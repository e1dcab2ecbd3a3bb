package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.zeromq.SocketType;

/** A client of each kind: asks a service and waits for what comes. */
enum Asker {
    PLAIN {
        @Override
        String ask(RunningBroker broker, int endpoint, String service, String body) {
            try (Wired req = new Wired(SocketType.REQ, broker.endpoint(endpoint))) {
                req.says(body);
                return String.join("|", req.hears());
            }
        }
    },
    MDP {
        @Override
        String ask(RunningBroker broker, int endpoint, String service, String body) throws IOException {
            try (RawZmtp dealer = RawZmtp.opened(broker.endpoint(endpoint), "DEALER")) {
                dealer.message("", "MDPC01", service, body);
                List<String> frames = dealer.hears();
                assertEquals(List.of("", "MDPC01", service), frames.subList(0, 3));
                return String.join("|", frames.subList(3, frames.size()));
            }
        }
    },
    JF1 {
        @Override
        String ask(RunningBroker broker, int endpoint, String service, String body) throws IOException {
            try (RawZmtp dealer = RawZmtp.opened(broker.endpoint(endpoint), "DEALER")) {
                dealer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, 77), service, "", body);
                List<String> frames = dealer.hears();
                assertEquals(77, Jf1Bytes.id(frames.get(0)));
                int code = Jf1Bytes.code(frames.get(0));
                String text = String.join("|", frames.subList(3, frames.size()));
                return code == 0 ? text : code + ": " + text;
            }
        }
    },
    HTTP {
        @Override
        String ask(RunningBroker broker, int endpoint, String service, String body) throws Exception {
            return broker.post(service, body).body();
        }
    };

    /** The answer's body, or what stands for a failure. */
    abstract String ask(RunningBroker broker, int endpoint, String service, String body) throws Exception;
}
