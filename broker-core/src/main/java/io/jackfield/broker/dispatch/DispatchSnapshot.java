package io.jackfield.broker.dispatch;

import io.jackfield.protocol.Headers;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the dispatcher has at one moment, for people and programs that watch it. Immutable.
 *
 * @param inFlight requests at workers, abandoned ones included
 * @param abandoned requests whose client has its answer while a worker still has them
 */
public record DispatchSnapshot(
        List<ServiceView> services, List<WorkerView> workers, int inFlight, int abandoned, long requestBytes) {

    private static final String LABEL = "label.";

    /**
     * One service. Counters run since the broker started.
     *
     * @param inProcess of its workers, the handlers in this process
     * @param placement as in the configuration: {@code both}, {@code in-process=90,remote=10}
     */
    public record ServiceView(
            String name,
            String version,
            int workers,
            int inProcess,
            String placement,
            int queued,
            long queuedBytes,
            boolean idempotent,
            long timeoutMs,
            long accepted,
            long replied,
            long failed,
            Map<String, Long> failedByCode,
            long refused,
            long retried,
            long late) {}

    /**
     * One worker.
     *
     * @param kit what it runs on, as it says; empty where it does not
     * @param labels by name, without {@code label.}
     */
    public record WorkerView(
            String description,
            List<String> services,
            String kit,
            Map<String, String> labels,
            int credit,
            int inFlight,
            long oldestMs,
            boolean draining,
            long replied) {}

    static DispatchSnapshot of(
            Collection<Service> services,
            Collection<WorkerSession> sessions,
            int inFlight,
            AssignmentCensus census,
            long nowNs) {
        return new DispatchSnapshot(
                services.stream()
                        .map(DispatchSnapshot::view)
                        .sorted(Comparator.comparing(ServiceView::name))
                        .toList(),
                sessions.stream().map(session -> view(session, nowNs)).toList(),
                inFlight,
                census.abandonedCount(),
                census.bytes());
    }

    private static ServiceView view(Service service) {
        ServiceCounters counters = service.counters;
        return new ServiceView(
                service.name(),
                service.version(),
                service.workerCount(),
                service.inProcessWorkerCount(),
                service.placement().text(),
                service.queue.count(),
                service.queue.bytes(),
                service.settings().idempotent().orElse(false),
                service.settings().effectiveTimeoutMs(),
                counters.accepted,
                counters.replied,
                counters.failed(),
                counters.failedByCode(),
                counters.refused,
                counters.retried,
                counters.late);
    }

    private static Map<String, String> labels(Headers about) {
        Map<String, String> labels = new TreeMap<>();
        about.forEach((name, value) -> {
            if (name.startsWith(LABEL)) {
                labels.put(name.substring(LABEL.length()), value);
            }
        });
        return labels;
    }

    private static WorkerView view(WorkerSession session, long nowNs) {
        Assignment oldest = session.inHand.first();
        return new WorkerView(
                session.worker.description(),
                session.serviceNames,
                session.worker.about().value(Headers.KIT).orElse(""),
                labels(session.worker.about()),
                session.credit(),
                session.inFlightCount(),
                oldest == null ? 0 : Math.max(0, (nowNs - oldest.assignedNs) / 1_000_000),
                session.isDraining(),
                session.replied);
    }
}
