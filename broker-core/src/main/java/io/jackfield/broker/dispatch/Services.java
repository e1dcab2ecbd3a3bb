package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.RequestSink;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The services there are, and how one comes into existence: by the configuration, an endpoint, a worker or plugin, or a request whose
 * dialect allows it. Owned by the broker loop.
 */
final class Services {
    private static final long FORGET_INTERVAL_NS = 1_000_000_000;

    private final Dispatcher dispatcher;
    private final Map<String, ServiceSettings> configured;
    private final int countMax;
    private final RouteTable routes = new RouteTable();
    private final Map<String, Service> byName = new HashMap<>();

    /** Those that exist by nothing but a request. They are forgotten when there are too many of them and nobody uses them. */
    private final Map<String, Service> invented = new HashMap<>();

    private final int inventedMax;
    private long forgotNs = Long.MIN_VALUE;

    Services(Dispatcher dispatcher, Map<String, ServiceSettings> configured, int countMax) {
        this.dispatcher = dispatcher;
        this.configured = Map.copyOf(configured);
        this.countMax = countMax;
        this.inventedMax = Math.max(1, countMax / 2);
        this.configured.keySet().forEach(this::create);
    }

    RouteTable routes() {
        return routes;
    }

    Collection<Service> all() {
        return byName.values();
    }

    int count() {
        return byName.size();
    }

    /** Null if there is none of that name. */
    @Nullable
    Service find(String name) {
        return byName.get(name);
    }

    /** What takes the request; null if its name means nothing here. */
    @Nullable
    RequestSink sinkFor(Envelope envelope) {
        RequestSink sink = routes.get(envelope.service());
        return sink == null && envelope.traits().createsService() ? invent(envelope.service()) : sink;
    }

    /** Whoever can send a request can make names up: they must not take the place of those that workers bring. */
    private @Nullable Service invent(String name) {
        if (invented.size() >= inventedMax || byName.size() >= countMax) {
            forgetUnused();
        }
        if (invented.size() >= inventedMax || byName.size() >= countMax) {
            return null;
        }
        Service service = create(name);
        invented.put(name, service);
        return service;
    }

    /** All are looked at, so not for every request that finds no room. */
    private void forgetUnused() {
        long nowNs = dispatcher.nowNs();
        if (forgotNs != Long.MIN_VALUE && nowNs - forgotNs < FORGET_INTERVAL_NS) {
            return;
        }
        forgotNs = nowNs;
        Set<Service> inHand = dispatcher.servicesInHand();
        for (Service service : List.copyOf(invented.values())) {
            if (service.queue.isEmpty() && !inHand.contains(service)) {
                invented.remove(service.name());
                byName.remove(service.name());
                routes.remove(service.name());
            }
        }
    }

    Service open(String name) throws RefusedException {
        requireAllowed(List.of(name));
        Service service = byName.get(name);
        invented.remove(name);
        return service == null ? create(name) : service;
    }

    /** All that a worker declares, each once, or none: a refused worker leaves no trace. */
    List<Service> declare(List<ServiceDeclaration> declarations) throws RefusedException {
        requireAllowed(declarations.stream().map(ServiceDeclaration::name).toList());
        List<Service> declared = new ArrayList<>(declarations.size());
        for (ServiceDeclaration declaration : declarations) {
            Service service = open(declaration.name());
            service.declaredAs(declaration);
            if (!declared.contains(service)) {
                declared.add(service);
            }
        }
        return declared;
    }

    void boundQueue(String name, int lengthMax) {
        Service service = byName.get(name);
        if (service != null && !configured.containsKey(name)) {
            service.queueAtMost(lengthMax);
        }
    }

    /** True if a worker or plugin serves the name now, or it is one of the broker's own. */
    boolean isServed(String name) {
        Service service = byName.get(name);
        return service == null ? routes.get(name) != null : !service.workers.isEmpty();
    }

    private void requireAllowed(List<String> names) throws RefusedException {
        if (byName.size() + names.size() > countMax) {
            forgetUnused();
        }
        Set<String> fresh = new HashSet<>();
        for (String name : names) {
            if (byName.containsKey(name)) {
                continue;
            }
            if (routes.get(name) != null) {
                throw new RefusedException(DispatchFailures.nameTaken(name));
            }
            fresh.add(name);
        }
        if (!fresh.isEmpty() && byName.size() + fresh.size() > countMax) {
            throw new RefusedException(DispatchFailures.tooManyServices(byName.size()));
        }
    }

    private Service create(String name) {
        Service service = new Service(dispatcher, name, configured.getOrDefault(name, ServiceSettings.DEFAULT));
        routes.add(name, service);
        byName.put(name, service);
        return service;
    }
}
