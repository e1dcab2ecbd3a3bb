package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.api.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Asks the demo's broker: its services, and what it says about them. One thread. */
final class Observer implements AutoCloseable {

    private static final long TIMEOUT_MS = 30_000;

    private final Broker broker;

    Observer(String endpoint) {
        broker = Broker.connect(endpoint);
    }

    String ask(String service, String body) {
        byte[] asked = body.getBytes(StandardCharsets.UTF_8);
        Reply answer = broker.ask(service, asked, Map.of(), TIMEOUT_MS);
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** How many workers the service has; 0 where it does not exist. */
    int workers(String service) {
        return service(service).path("workers").asInt();
    }

    int retried(String service) {
        return service(service).path("retried").asInt();
    }

    /** How many requests of the service are at a worker now. */
    int inFlight(String service) {
        int inFlight = 0;
        for (JsonNode worker : list(Listing.WORKERS)) {
            for (JsonNode served : worker.path("services")) {
                inFlight += served.asText().equals(service)
                        ? worker.path("inFlight").asInt()
                        : 0;
            }
        }
        return inFlight;
    }

    /** What happened to a plugin, the oldest first. */
    JsonNode history(String plugin) {
        byte[] asked = plugin.getBytes(StandardCharsets.UTF_8);
        return broker.json("jf.plugins.history", asked, Map.of(), TIMEOUT_MS).path("history");
    }

    @Override
    public void close() {
        broker.close();
    }

    private JsonNode service(String name) {
        for (JsonNode service : list(Listing.SERVICES)) {
            if (service.path("name").asText().equals(name)) {
                return service;
            }
        }
        return Json.object();
    }

    private JsonNode list(Listing listing) {
        return broker.list(listing, TIMEOUT_MS).path(listing.field());
    }
}
