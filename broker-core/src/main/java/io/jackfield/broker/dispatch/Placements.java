package io.jackfield.broker.dispatch;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;

/** Moves services between this process and remote workers while they are asked. Owned by the broker loop. */
public final class Placements {
    private final Dispatcher dispatcher;

    public Placements(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * Where a service is worked on. Immutable.
     *
     * @param lasts the configuration says the same, so a restart changes nothing
     * @param inProcessWorkers handlers in this process that serve it and are not draining
     * @param inProcessInFlight requests that are with those, also with draining ones
     */
    public record View(
            String service,
            String placement,
            String configured,
            boolean lasts,
            int inProcessWorkers,
            int inProcessInFlight,
            int remoteWorkers,
            int remoteInFlight) {
        /** Requests at the side that gets nothing any more. */
        public int leaving() {
            if (placement.equals(Placement.REMOTE.text())) {
                return remoteWorkers > 0 ? inProcessInFlight : 0;
            }
            return placement.equals(Placement.IN_PROCESS.text()) && inProcessWorkers > 0 ? remoteInFlight : 0;
        }
    }

    /**
     * Gives the next request as the placement says; what is in flight goes on where it is.
     *
     * @param force also where a side that gets a share has no worker yet: the other one has all until then
     * @throws RefusedException there is no such service, or no worker
     */
    public View place(String name, Placement placement, boolean force) throws RefusedException {
        Service service = find(name);
        View now = view(service);
        if (!force && placement.hasShares()) {
            requireWorkers("in-process", placement.inProcessPercent(), now.inProcessWorkers, now);
            requireWorkers("remote", placement.remotePercent(), now.remoteWorkers, now);
        }
        service.place(placement);
        return view(service);
    }

    /**
     * Where the service is worked on now.
     *
     * @throws RefusedException there is no such service
     */
    public View view(String name) throws RefusedException {
        return view(find(name));
    }

    private Service find(String name) throws RefusedException {
        Service service = dispatcher.services.find(name);
        if (service == null) {
            throw new RefusedException(Failure.of(
                    ErrorCode.NO_SUCH_SERVICE,
                    "no service is named " + name,
                    "jackfield services lists them; or name it in the configuration, under services"));
        }
        return service;
    }

    private static void requireWorkers(String side, int percent, int workers, View now) throws RefusedException {
        if (percent > 0 && workers == 0) {
            throw new RefusedException(Failure.of(
                    ErrorCode.BAD_REQUEST,
                    "no " + side + " worker serves " + now.service + " (in-process: " + now.inProcessWorkers
                            + ", remote: " + now.remoteWorkers + ")",
                    (side.equals("remote") ? "connect one" : "add its plugin")
                            + ", or force it: until there is one, the other side has all requests"));
        }
    }

    private View view(Service service) {
        int[] inFlight = new int[2];
        for (WorkerSession session : dispatcher.sessions) {
            inFlight[session.isInProcess() ? 0 : 1] += session.inHand.count(service);
        }
        int inProcess = service.inProcessWorkerCount();
        Placement configured = service.settings().placement();
        return new View(
                service.name(),
                service.placement().text(),
                configured.text(),
                configured.equals(service.placement()),
                inProcess,
                inFlight[0],
                service.workerCount() - inProcess,
                inFlight[1]);
    }
}
