package io.jackfield.kit;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.Declared;
import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.host.TrustedJars;
import io.jackfield.host.WorkFolder;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Limits;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker is to serve, and how; {@link #start} begins. Used by one thread. */
public final class WorkerOptions {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerOptions.class);
    private static final int QUEUE_LENGTH_MAX = 1000;
    /** What the broker shows people: language and version. */
    private static final String KIT = "java/0.1.0";

    final List<String> endpoints;
    final Map<String, HostedHandler> handlers = new LinkedHashMap<>();
    final List<Runnable> atEnd = new ArrayList<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private int credit;
    private long heartbeatMs = LinkOptions.HEARTBEAT_MS;
    private int liveness = LinkOptions.LIVENESS;
    private int bodyBytesMax = LinkOptions.BODY_BYTES_MAX;
    Consumer<String> onReady = endpoint -> {};
    private final List<Generation> plugins = new ArrayList<>();
    private Optional<Function<String, ConfigNode>> pluginConfig = Optional.empty();
    private Optional<PluginHost> host = Optional.empty();
    private TrustedJars trust = TrustedJars.every();

    WorkerOptions(List<String> endpoints) {
        this.endpoints = endpoints;
        headers.put(Headers.KIT, KIT);
        headers.put(Headers.WORKER_ID, "java-" + ProcessHandle.current().pid());
    }

    /** Work on objects, see {@link #objects}. */
    @FunctionalInterface
    public interface ObjectHandler<I, O> {
        /** Answers one request; what it throws is the request's failure. */
        O handle(I input, HandlerContext context) throws Exception;
    }

    /** Serves a service with code of this program: version 0, not idempotent, as many calls at once as there are processors. */
    public WorkerOptions service(String name, Handler handler) {
        int processors = Runtime.getRuntime().availableProcessors();
        return service(new Declared(name, "0", 0, processors, false, false), handler);
    }

    /** Serves a service with code of this program, as declared. */
    public WorkerOptions service(Declared declared, Handler handler) {
        System.Logger logger = System.getLogger("jackfield.service." + declared.service());
        add(HostedHandler.of(declared, handler, logger, QUEUE_LENGTH_MAX));
        return this;
    }

    /**
     * Serves a service whose requests and replies are objects in Kryo's form.
     *
     * @param bodies knows the classes; client and worker register the same ones under the same ids
     */
    public <I, O> WorkerOptions objects(String name, Class<I> input, ObjectBodies bodies, ObjectHandler<I, O> handler) {
        return service(name, new Handler() {
            @Override
            public Reply handle(Request request, HandlerContext context) throws Exception {
                O answer = handler.handle(read(request, input, bodies), context);
                return Reply.ofParts(List.of(bodies.encode(answer))).withContentType(Headers.CONTENT_TYPE_KRYO);
            }
        });
    }

    private static <I> I read(Request request, Class<I> input, ObjectBodies bodies) {
        String given = request.contentType().orElse("none");
        if (!given.equals(Headers.CONTENT_TYPE_KRYO)) {
            throw HandlerException.badRequest(
                    "content type: " + given + " (expected: " + Headers.CONTENT_TYPE_KRYO + ")", "ask with an object");
        }
        try {
            return bodies.decode(request.buffer(), input);
        } catch (ProtocolException e) {
            throw HandlerException.badRequest(
                    e.message(), "register the same classes under the same ids on both sides");
        }
    }

    /**
     * Gives plugins their configuration, as a broker does from its file; before the first of them is given.
     *
     * @param configOf entries by plugin id
     */
    public WorkerOptions pluginConfig(Function<String, ConfigNode> configOf) {
        if (host.isPresent()) {
            throw new IllegalStateException("plugins: given already (expected: after their configuration)");
        }
        pluginConfig = Optional.of(configOf);
        return this;
    }

    /**
     * Serves the handlers of a plugin jar: the very same jar that a broker takes. What it depends on has been given before.
     *
     * @throws PluginRefusedException the jar cannot be served; says why
     */
    public WorkerOptions plugin(Path jar) throws PluginRefusedException, IOException {
        return plugins(List.of(jar));
    }

    /**
     * Serves the handlers of plugin jars, in any order: each is loaded after those that it depends on.
     *
     * @throws PluginRefusedException one of them cannot be served, and so none is; says which and why
     */
    public WorkerOptions plugins(List<Path> jars) throws PluginRefusedException, IOException {
        for (Generation generation : pluginHost().loadAll(jars, plugins)) {
            plugins.add(generation);
            atEnd.add(0, generation::unload);
            generation.handlers().forEach(this::add);
        }
        return this;
    }

    /**
     * Serves no plugin jars but those whose SHA-256 stands in the file, in the form that {@code sha256sum} writes; to be said before
     * {@link #plugin}.
     *
     * @throws IllegalStateException a jar has been given already
     */
    public WorkerOptions trusting(Path file) {
        if (host.isPresent()) {
            throw new IllegalStateException("trusting(FILE) comes before plugin(JAR)");
        }
        trust = TrustedJars.listedIn(file);
        return this;
    }

    /**
     * Requests that the worker takes at once from each broker, from 1 to 65535; by default what its handlers can do together, which is also
     * what they do at once of what all brokers send.
     */
    public WorkerOptions credit(int requests) {
        if (requests < 1 || requests > Limits.U16_MAX) {
            throw new IllegalArgumentException("credit: " + requests + " (expected: 1 to " + Limits.U16_MAX + ")");
        }
        credit = requests;
        return this;
    }

    /** What the broker shows people: by default {@code java-} and the process id. */
    public WorkerOptions workerId(String id) {
        headers.put(Headers.WORKER_ID, id);
        return this;
    }

    /** A label for whoever looks at the workers. */
    public WorkerOptions label(String name, String value) {
        headers.put("label." + name, value);
        return this;
    }

    /** Silence, from 10 milliseconds to an hour, after which the broker is asked for a sign of life: by default 1000. */
    public WorkerOptions heartbeatMs(long intervalMs) {
        heartbeatMs = LinkOptions.requireHeartbeat(intervalMs);
        return this;
    }

    /** Intervals of silence, from 2 to 100, after which a broker is given up: by default 3. */
    public WorkerOptions liveness(int intervals) {
        liveness = LinkOptions.requireLiveness(intervals);
        return this;
    }

    /** Bytes of the greatest body to receive: by default 16 MiB. Replies may have what the broker says that it takes. */
    public WorkerOptions bodyBytesMax(int bytes) {
        bodyBytesMax = LinkOptions.requireBodyBytes(bytes);
        return this;
    }

    /** Runs on the worker's own thread each time a broker has taken the worker in; must not block. */
    public WorkerOptions onReady(Runnable action) {
        return onReady(endpoint -> action.run());
    }

    /** The same for who wants to know at which of its endpoints. */
    public WorkerOptions onReady(Consumer<String> action) {
        onReady = action;
        return this;
    }

    /** Connects and serves, also when the broker is not there yet. */
    public Worker start() {
        if (handlers.isEmpty()) {
            throw new IllegalStateException("services: none (expected: 1 or more)");
        }
        return Worker.started(this);
    }

    int effectiveCredit() {
        int together = handlers.values().stream()
                .mapToInt(handler -> handler.declared().concurrency())
                .sum();
        return credit > 0 ? credit : Math.min(together, Limits.U16_MAX);
    }

    long heartbeatMs() {
        return heartbeatMs;
    }

    int liveness() {
        return liveness;
    }

    int bodyBytesMax() {
        return bodyBytesMax;
    }

    Headers headers() {
        return Headers.of(headers);
    }

    private void add(HostedHandler handler) {
        String name = handler.declared().service();
        if (handlers.putIfAbsent(name, handler) != null) {
            throw new IllegalArgumentException("service " + name + ": given twice (expected: once)");
        }
    }

    private PluginHost pluginHost() throws IOException {
        if (host.isEmpty()) {
            Path folder = WorkFolder.make();
            PluginHostSettings defaults = PluginHostSettings.defaults(folder).withTrust(trust);
            PluginHost opened =
                    PluginHost.open(pluginConfig.map(defaults::withConfig).orElse(defaults));
            host = Optional.of(opened);
            atEnd.add(() -> close(opened, folder));
        }
        return host.get();
    }

    private static void close(PluginHost host, Path folder) {
        try {
            host.close();
            WorkFolder.delete(folder);
        } catch (IOException e) {
            LOG.warn("the private copies of plugins in {} could not be removed: {}", folder, e.getMessage());
        }
    }
}
