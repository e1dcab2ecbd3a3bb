package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What the broker lists through a service of its own, and how it is shown. */
record Listing(String field, List<Column> columns) {

    static final Listing SERVICES = new Listing(
            "services",
            List.of(
                    Column.text("SERVICE", "name"),
                    Column.text("VERSION", "version"),
                    Column.count("WORKERS", "workers"),
                    Column.count("IN-PROCESS", "inProcess"),
                    Column.text("PLACEMENT", "placement"),
                    Column.count("QUEUED", "queued"),
                    Column.bytes("QUEUED BYTES", "queuedBytes"),
                    Column.yesNo("IDEMPOTENT", "idempotent"),
                    Column.millis("TIMEOUT", "timeoutMs"),
                    Column.count("ACCEPTED", "accepted"),
                    Column.count("REPLIED", "replied"),
                    Column.count("FAILED", "failed"),
                    Column.count("REFUSED", "refused"),
                    Column.count("RETRIED", "retried"),
                    Column.count("LATE", "late")));

    static final Listing WORKERS = new Listing(
            "workers",
            List.of(
                    Column.text("WORKER", "description"),
                    Column.text("SERVICES", "services"),
                    Column.text("KIT", "kit"),
                    Column.pairs("LABELS", "labels"),
                    Column.count("CREDIT", "credit"),
                    Column.count("IN FLIGHT", "inFlight"),
                    Column.millis("OLDEST", "oldestMs"),
                    Column.yesNo("DRAINING", "draining"),
                    Column.count("REPLIED", "replied")));

    /** Processes that the broker runs itself. */
    static final Listing SUPERVISED = new Listing(
            "supervised",
            List.of(
                    Column.text("PROCESS", "name"),
                    Column.text("STATE", "state"),
                    Column.count("PID", "pid"),
                    Column.millis("UP", "upMs"),
                    Column.count("RESTARTS", "restarts"),
                    Column.bytes("MEMORY", "residentBytes"),
                    Column.count("IN FLIGHT", "inFlight"),
                    Column.text("REASON", "reason")));

    /** On which side a service is worked on. */
    static final Listing PLACEMENT = new Listing(
            "placement",
            List.of(
                    Column.text("SERVICE", "service"),
                    Column.text("PLACEMENT", "placement"),
                    Column.count("IN-PROCESS WORKERS", "inProcessWorkers"),
                    Column.count("IN FLIGHT", "inProcessInFlight"),
                    Column.count("REMOTE WORKERS", "remoteWorkers"),
                    Column.count("IN FLIGHT", "remoteInFlight")));

    static final Listing PLUGINS = new Listing(
            "plugins",
            List.of(
                    Column.text("PLUGIN", "id"),
                    Column.text("VERSION", "version"),
                    Column.text("STATE", "state"),
                    Column.text("SERVICES", "services"),
                    Column.sum("CALLS", "handlers", "calls"),
                    Column.sum("ERRORS", "handlers", "errors"),
                    Column.longest("P99", "handlers", "p99Us"),
                    Column.sha256("SHA-256", "sha256"),
                    Column.text("FILE", "file"),
                    Column.count("GENERATION", "generation"),
                    Column.text("REASON", "reason")));

    static final Listing PLUGIN_HISTORY = new Listing(
            "history",
            List.of(
                    Column.text("TIME", "at"),
                    Column.text("PLUGIN", "plugin"),
                    Column.text("VERSION", "version"),
                    Column.text("CHANGE", "change"),
                    Column.text("OUTCOME", "outcome"),
                    Column.count("GENERATION", "generation"),
                    Column.sha256("SHA-256", "sha256"),
                    Column.text("FILE", "file"),
                    Column.text("REASON", "reason")));

    static final Listing TRUSTED =
            new Listing("trusted", List.of(Column.text("SHA-256", "sha256"), Column.text("NAME", "name")));

    /** Of one plugin, each with the generation that it is of. */
    static final Listing HANDLERS = new Listing(
            "handlers",
            List.of(
                    Column.text("SERVICE", "service"),
                    Column.count("GENERATION", "generation"),
                    Column.text("RUNS ON", "runs"),
                    Column.count("CALLS", "calls"),
                    Column.count("ERRORS", "errors"),
                    Column.count("CANCELLED", "cancelled"),
                    Column.count("IN FLIGHT", "inFlight"),
                    Column.count("QUEUED", "queued"),
                    Column.count("THREADS", "threads"),
                    Column.count("CONCURRENCY", "concurrency"),
                    Column.micros("P50", "p50Us"),
                    Column.micros("P99", "p99Us"),
                    Column.micros("MAX", "maxUs"),
                    Column.micros("WAIT P50", "waitP50Us"),
                    Column.micros("WAIT P99", "waitP99Us")));

    /** The broker's own service that answers with this listing. */
    String service() {
        return "jf." + field;
    }

    String table(JsonNode reply) {
        Table table = new Table(columns.stream().map(Column::heading).toList());
        for (JsonNode row : reply.path(field)) {
            table.add(columns.stream().map(column -> column.cell(row)).toList());
        }
        return table.text();
    }
}
