package io.jackfield.command;

import io.jackfield.host.PluginRefusedException;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.kit.RequestFailedException;
import io.jackfield.kit.Worker;
import io.jackfield.kit.WorkerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "worker",
        description = {
            "Serve the handlers of plugin jars from a process of its own.",
            "The jars are the same that the broker takes.",
            "Runs until SIGTERM or ctrl-C, then finishes what it has and ends with 0."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield worker plugins/echo.jar",
            "  jackfield worker --connect tcp://10.0.0.7:5555 --credit 4 greet.jar prices.jar",
            "  jackfield worker --config jackfield.yaml prices.jar",
            "  jackfield worker --body-bytes-max 64MiB thumbnail.jar",
            "  jackfield worker --broker tcp://10.0.0.7:5555 --broker tcp://10.0.0.8:5555 greet.jar"
        })
final class WorkerCommand implements Callable<Integer> {

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(3);

    @Option(
            names = {"--connect", "--broker"},
            paramLabel = "ENDPOINT",
            split = ",",
            defaultValue = "${env:JACKFIELD_CONNECT:-tcp://127.0.0.1:5555}",
            description = {
                "A broker's endpoint (default: tcp://127.0.0.1:5555).",
                "Of several brokers, given each with the option or parted by commas, all are served at the same time."
            })
    private List<String> endpoints = List.of();

    @Option(
            names = "--credit",
            paramLabel = "N",
            description = "Requests taken at once, 1 to 65535 (default: what the handlers can do together).")
    private int credit;

    @Option(
            names = "--body-bytes-max",
            paramLabel = "SIZE",
            defaultValue = "16MiB",
            converter = ByteSize.class,
            description = "The greatest body of a request, as the broker's body-bytes-max (default: ${DEFAULT-VALUE}).")
    private int bodyBytesMax;

    @Option(
            names = "--drain-timeout",
            paramLabel = "MS",
            defaultValue = "30000",
            description = "Milliseconds that requests in flight get at the end (default: ${DEFAULT-VALUE}).")
    private long drainTimeoutMs;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "What plugins are configured with: plugins.settings.ID.config in YAML.",
                "The broker's own file will do; the rest of it is not looked at."
            })
    private @Nullable Path config;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "Serve no jar whose SHA-256 is not in it; see jackfield plugins trust --file.")
    private Optional<Path> trust = Optional.empty();

    @Parameters(arity = "1..*", paramLabel = "JAR", description = "Plugin jars.")
    private List<Path> jars = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    /** What the process ends with if its requests end in time. */
    private volatile int exitCode = ExitCode.OK;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Worker worker = options().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker), "worker-drain"));
        try {
            awaitReady(worker);
        } catch (Failure e) {
            exitCode = e.exitCode();
            throw e;
        }
        new CountDownLatch(1).await(); // the process ends by a signal, through the hook
        return ExitCode.OK;
    }

    private WorkerOptions options() throws IOException {
        endpoints.forEach(TcpEndpoint::parse); // else it would wait for ever for what it cannot connect to
        jars.forEach(WorkerCommand::requireFile); // else the loader's hint would be to copy it again
        PrintWriter out = spec.commandLine().getOut();
        WorkerOptions options = connected().bodyBytesMax(bodyBytesMax).onReady(endpoint -> {
            out.println("jackfield worker ready " + endpoint);
            out.flush();
        });
        Path file = config;
        options.pluginConfig(
                file == null ? id -> ConfigNode.empty("no --config FILE is given") : PluginConfigFile.read(file)::of);
        trust.ifPresent(options::trusting);
        add(options);
        return credit == 0 ? options : credited(options);
    }

    private static void requireFile(Path jar) {
        if (!Files.isRegularFile(jar)) {
            String cause = jar + (Files.exists(jar) ? " is not a file" : ": there is no such file");
            throw new Failure(ExitCode.USAGE, "NO_SUCH_FILE", cause, "name a plugin jar");
        }
    }

    private WorkerOptions connected() {
        try {
            return Worker.connect(endpoints.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw new Failure(ExitCode.USAGE, "BAD_OPTION", String.valueOf(e.getMessage()), "");
        }
    }

    private WorkerOptions credited(WorkerOptions options) {
        try {
            return options.credit(credit);
        } catch (IllegalArgumentException e) {
            throw new Failure(ExitCode.USAGE, "BAD_OPTION", String.valueOf(e.getMessage()), "");
        }
    }

    private void add(WorkerOptions options) throws IOException {
        try {
            options.plugins(jars);
        } catch (PluginRefusedException e) {
            throw new Failure(
                    ExitCode.SETUP,
                    e.failure().code().name(),
                    e.jar().map(jar -> jar + ": ").orElse("") + e.failure().cause(),
                    e.failure().hint());
        }
    }

    private void awaitReady(Worker worker) throws InterruptedException {
        try {
            for (boolean told = false; !isReady(worker); told = true) {
                if (!told) {
                    tellThatItWaits();
                }
            }
        } catch (RequestFailedException e) {
            throw new Failure(
                    ExitCode.of(e.code()),
                    e.code().name(),
                    e.failure().cause(),
                    e.failure().hint());
        }
    }

    /** Either side may start first, so this is no failure; but a person wants to know what it waits for. */
    private void tellThatItWaits() {
        String brokers = String.join(", ", endpoints);
        spec.commandLine().getErr().println("jackfield worker: no broker answers at " + brokers + " yet; waiting");
    }

    private static boolean isReady(Worker worker) throws InterruptedException {
        try {
            worker.awaitReady(FIRST_ANSWER);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** On the JVM's way out. Without halt the exit code would be that of the signal. */
    private void end(Worker worker) {
        try {
            boolean finished = worker.drain(Duration.ofMillis(drainTimeoutMs));
            Runtime.getRuntime().halt(finished ? exitCode : ExitCode.FAILED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
