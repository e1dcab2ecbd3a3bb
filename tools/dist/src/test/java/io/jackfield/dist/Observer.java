package io.jackfield.dist;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Asks a broker's own services from this process, as a Majordomo client: a process for each look would be slow. One thread's. */
final class Observer implements AutoCloseable {

    private static final int TIMEOUT_MS = 30_000;

    private final ZContext context = new ZContext();
    private final ZMQ.Socket socket = context.createSocket(SocketType.REQ);

    Observer(String endpoint) {
        socket.setReceiveTimeOut(TIMEOUT_MS);
        socket.connect(endpoint);
    }

    /** What {@code jf.NAME} says, below its name. */
    JsonNode view(String name) {
        socket.sendMore("MDPC01");
        socket.sendMore("jf." + name);
        socket.send("");
        byte[] last = socket.recv();
        while (last != null && socket.hasReceiveMore()) {
            last = socket.recv();
        }
        if (last == null) {
            throw new AssertionError("no answer from jf." + name + " in " + TIMEOUT_MS + " ms");
        }
        try {
            return new ObjectMapper().readTree(last).path(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitWorkers(String service, int count) {
        try {
            Await.until(count + " workers of " + service, () -> number(service, "workers") == count);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", but of these peers: " + view("peers"), e);
        }
    }

    /** A number of the row of that service; 0 where there is none. */
    int number(String service, String column) {
        for (JsonNode row : view("services")) {
            if (row.path("name").asText().equals(service)) {
                return row.path(column).asInt();
            }
        }
        return 0;
    }

    @Override
    public void close() {
        context.close();
    }
}
