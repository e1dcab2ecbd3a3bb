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
    private final Dispatcher dispatcher;
    private final Map<String, ServiceSettings> configured;
    private final int countMax;
    private final RouteTable routes = new RouteTable();
    private final Map<String, Service> byName = new HashMap<>();

    Services(Dispatcher dispatcher, Map<String, ServiceSettings> configured, int countMax) {
        this.dispatcher = dispatcher;
        this.configured = Map.copyOf(configured);
        this.countMax = countMax;
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

    /** What takes the request; null if its name means nothing here. */
    @Nullable
    RequestSink sinkFor(Envelope envelope) {
        RequestSink sink = routes.get(envelope.service());
        if (sink == null && envelope.traits().createsService() && byName.size() < countMax) {
            return create(envelope.service());
        }
        return sink;
    }

    Service open(String name) throws RefusedException {
        requireAllowed(List.of(name));
        Service service = byName.get(name);
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

    /** True if a worker or plugin serves the name now, or it is one of the broker's own. */
    boolean isServed(String name) {
        Service service = byName.get(name);
        return service == null ? routes.get(name) != null : !service.workers.isEmpty();
    }

    private void requireAllowed(List<String> names) throws RefusedException {
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
