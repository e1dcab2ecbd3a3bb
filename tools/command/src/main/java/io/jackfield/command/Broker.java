package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jackfield.api.Reply;
import io.jackfield.kit.Call;
import io.jackfield.kit.Client;
import io.jackfield.kit.RequestFailedException;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** A connection to the broker, whose failures end a command. Safe for any thread. */
final class Broker implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_MS = 3000;

    /** As much as a broker can be told to take: how much this one takes is for it to say. */
    private static final int BODY_BYTES_MAX = 1 << 30;

    /** What a broker takes that was told nothing. */
    private static final int BODY_BYTES_BY_DEFAULT = 16 << 20;

    private final String endpoint;
    private final Client client;

    private Broker(String endpoint, Client client) {
        this.endpoint = endpoint;
        this.client = client;
    }

    static Broker connect(String endpoint) {
        requireListener(endpoint);
        return new Broker(
                endpoint, Client.of(endpoint).bodyBytesMax(BODY_BYTES_MAX).connect());
    }

    Reply ask(String service, byte[] body, Map<String, String> headers, long timeoutMs) {
        try {
            return client.call(call(service, body, headers, timeoutMs));
        } catch (IllegalArgumentException e) {
            // What a request cannot carry: a name or a header that is none, more than its limits.
            throw new Failure(
                    ExitCode.USAGE, "BAD_REQUEST", String.valueOf(e.getMessage()), "see --help of the command");
        } catch (RequestFailedException e) {
            ErrorCode code = e.code();
            throw new Failure(ExitCode.of(code), code.name(), e.failure().cause(), hint(e, body));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.FAILED, "CANCELLED", "interrupted while waiting for " + service, "");
        }
    }

    /** A broker ends the connection over a frame that is too large: before it could tell whose request it is. */
    private static String hint(RequestFailedException failed, byte[] body) {
        return failed.code() == ErrorCode.CONNECTION_LOST && body.length > BODY_BYTES_BY_DEFAULT
                ? "the body has " + body.length + " bytes: send less, or raise the broker's frame-bytes-max,"
                        + " message-bytes-max and body-bytes-max"
                : failed.failure().hint();
    }

    private static Call call(String service, byte[] body, Map<String, String> headers, long timeoutMs) {
        Call call = Call.of(service, body).withTimeout(Duration.ofMillis(timeoutMs));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            call = call.withHeader(header.getKey(), header.getValue());
        }
        return call;
    }

    /** One of the broker's own listings, which comes in pages. */
    JsonNode list(Listing listing, long timeoutMs) {
        JsonNode list = page(listing, "{}", timeoutMs);
        for (JsonNode next = list.path("next"); next.isInt(); ) {
            JsonNode page = page(listing, "{\"from\":" + next.asInt() + "}", timeoutMs);
            ((ArrayNode) list.path(listing.field())).addAll((ArrayNode) page.path(listing.field()));
            next = page.path("next");
        }
        ((ObjectNode) list).remove("next");
        return list;
    }

    private JsonNode page(Listing listing, String question, long timeoutMs) {
        return json(listing.service(), question.getBytes(StandardCharsets.UTF_8), Map.of(), timeoutMs);
    }

    /** What one of the broker's own services answers. */
    JsonNode json(String service, byte[] body, Map<String, String> headers, long timeoutMs) {
        Reply reply = ask(service, body, headers, timeoutMs);
        try {
            return Json.parse(reply.body());
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.INTERNAL,
                    "BAD_MESSAGE",
                    endpoint + " did not answer " + service + " with JSON: " + e.getMessage(),
                    "the broker and this command may be of different versions");
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /** ZeroMQ sockets connect in the background for ever; a person wants to know at once that nobody is there. */
    private static void requireListener(String endpoint) {
        HostAndPort address = TcpEndpoint.parse(endpoint);
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(address.bareHost(), address.port()), CONNECT_TIMEOUT_MS);
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.NO_BROKER,
                    "NO_BROKER",
                    "nobody listens at " + endpoint + ": " + e.getMessage(),
                    "start one with: jackfield serve; or name another endpoint with --connect");
        }
    }
}
