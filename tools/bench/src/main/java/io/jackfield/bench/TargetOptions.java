package io.jackfield.bench;

import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import io.jackfield.command.TcpEndpoint;
import io.jackfield.protocol.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** The options that name a running broker; without {@code --endpoint} there are none, and one is started. */
final class TargetOptions {

    @Option(
            names = "--endpoint",
            paramLabel = "ENDPOINT",
            description = "Measure the broker that runs there, instead of starting one.")
    private Optional<String> endpoint = Optional.empty();

    @Option(
            names = "--service",
            paramLabel = "NAME",
            defaultValue = "echo",
            description = "With --endpoint: the service to ask, which has to answer with what it is asked"
                    + " (default: ${DEFAULT-VALUE}).")
    private String service = "";

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "With --endpoint: measure that service at this HTTP gateway, too.")
    private Optional<String> http = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "ENDPOINT",
            description = "With --endpoint: connect an echo worker there, to an endpoint of role workers, and ask"
                    + " --endpoint's own service.")
    private Optional<String> workers = Optional.empty();

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description = "With --endpoint: the broker's process, for its CPU time and its memory.")
    private Optional<Long> pid = Optional.empty();

    boolean running() {
        return endpoint.isPresent();
    }

    /** What there is to measure. Ends the command where an option is wrong, before anything is started. */
    List<Kind> kinds() {
        if (!running()) {
            requireNone("--http", http);
            requireNone("--workers", workers);
            requireNone("--pid", pid);
            return List.of(Kind.WORKER, Kind.INLINE, Kind.THREADS, Kind.HTTP);
        }
        endpoint();
        List<Kind> kinds = new ArrayList<>();
        kinds.add(workers().isPresent() ? Kind.WORKER : Kind.SERVICE);
        if (http().isPresent()) {
            kinds.add(Kind.HTTP);
        }
        return kinds;
    }

    HostAndPort endpoint() {
        return TcpEndpoint.parse(endpoint.orElse(""));
    }

    Optional<HostAndPort> workers() {
        return workers.map(TcpEndpoint::parse);
    }

    Optional<HostAndPort> http() {
        return http.map(address -> TcpEndpoint.parse("tcp://" + address));
    }

    String service() {
        return service;
    }

    BrokerProcess process() {
        return new BrokerProcess(pid.map(OptionalLong::of).orElse(OptionalLong.empty()));
    }

    private static void requireNone(String option, Optional<?> value) {
        if (value.isPresent()) {
            throw new Failure(ExitCode.USAGE, "BAD_OPTION", option + " needs --endpoint", "see jackfield bench --help");
        }
    }
}
