package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;

/** One JF1 request with headers, and what comes back. */
final class Jf1Asker {
    private static final int ID = 78;

    private Jf1Asker() {}

    /** The reply's body, or the failure's number and cause; headers are lines of name:value. */
    static String ask(String endpoint, String service, String headers, String body) throws IOException {
        try (RawZmtp dealer = RawZmtp.opened(endpoint, "DEALER")) {
            dealer.message(Jf1Bytes.header(Jf1Bytes.REQUEST, ID), service, headers, body);
            List<String> frames = dealer.hears();
            assertEquals(ID, Jf1Bytes.id(frames.get(0)));
            int code = Jf1Bytes.code(frames.get(0));
            String text = String.join("|", frames.subList(3, frames.size()));
            return code == 0 ? text : code + ": " + text;
        }
    }
}
