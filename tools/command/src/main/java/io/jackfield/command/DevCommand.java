package io.jackfield.command;

import io.jackfield.host.WorkFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "dev",
        description = {
            "Put each new build of a plugin into a broker while it runs.",
            "Watches DIR/target/*.jar, or DIR/target/classes, and prints one line per replacement, until ctrl-C."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield dev hello                          with a broker of its own",
            "  jackfield dev --classes hello                after each mvn compile, or each save in an IDE",
            "  jackfield dev hello --plugins /srv/plugins   with one that runs and watches that folder"
        })
final class DevCommand implements Callable<Integer> {

    private static final long LOOK_MS = 100;

    @Parameters(paramLabel = "DIR", description = "The plugin's project, or the folder that its jar is built into.")
    private Path project = Path.of(".");

    @Option(
            names = "--classes",
            description = "Pack DIR/target/classes when they change, instead of waiting for a jar.")
    private boolean classes;

    @Option(
            names = "--plugins",
            paramLabel = "FOLDER",
            description = "The folder that a running broker watches (default: a broker of its own is started).")
    private @Nullable Path plugins;

    @Option(
            names = "--connect",
            paramLabel = "ENDPOINT",
            defaultValue = "${env:JACKFIELD_CONNECT:-tcp://127.0.0.1:5555}",
            description = "With --plugins: that broker's endpoint (default: tcp://127.0.0.1:5555).")
    private String endpoint = "";

    @Option(
            names = "--endpoint",
            paramLabel = "ENDPOINT",
            defaultValue = "tcp://127.0.0.1:5555",
            description = "Of its own broker (default: ${DEFAULT-VALUE}).")
    private String ownEndpoint = "";

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8080",
            description = "Of its own broker (default: ${DEFAULT-VALUE}).")
    private String ownHttp = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    /** Whether its own broker has not started yet. */
    private volatile boolean starting;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isDirectory(project)) {
            throw new Failure(ExitCode.USAGE, "NO_PROJECT", project + " is not a folder", "name the plugin's project");
        }
        Path folder = WorkFolder.make();
        Children children = new Children(folder);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(children, folder), "end-of-dev"));
        Path watched = plugins;
        if (watched == null) {
            watched = Files.createDirectory(folder.resolve("plugins"));
            endpoint = ownBroker(children, watched);
        }
        watch(watched, folder);
        return ExitCode.OK;
    }

    private String ownBroker(Children children, Path own) throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("jackfield.home", "."));
        String[] options = {"--plugins", own.toString(), "--endpoint", ownEndpoint, "--http", ownHttp};
        starting = true;
        OwnBroker broker = OwnBroker.start(children, home, options);
        starting = false;
        say("broker ready " + String.join(" ", broker.addresses()));
        return broker.address("tcp://");
    }

    /** On the JVM's way out. Of a broker that did not start the log stays, which the user was told of; a later start deletes it. */
    private void end(Children children, Path folder) {
        children.close();
        try {
            if (!starting) {
                WorkFolder.delete(folder);
            }
        } catch (IOException | UncheckedIOException e) {
            // The other thread was at it: what is left goes at a later start, too.
            LoggerFactory.getLogger(DevCommand.class).debug("{} stays: {}", folder, e.toString());
        }
    }

    /** Until the process is ended. */
    private void watch(Path watched, Path folder) throws IOException, InterruptedException {
        DevSource builds = builds(folder);
        try (Broker broker = Broker.connect(endpoint)) {
            DevSwap swap = new DevSwap(watched, broker);
            say("watching " + builds);
            while (true) {
                builds.next().ifPresent(built -> say(swap.put(built)));
                builds.problem().ifPresent(this::say);
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
        }
    }

    private DevSource builds(Path folder) throws IOException {
        if (classes) {
            return new DevClasses(project, Files.createDirectory(folder.resolve("packed")));
        }
        Path target = project.resolve("target");
        return new DevJars(Files.isDirectory(target) || hasPom() ? target : project);
    }

    private boolean hasPom() {
        return Files.exists(project.resolve("pom.xml"));
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
