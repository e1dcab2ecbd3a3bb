package io.jackfield.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
    private static final long READY_TIMEOUT_MS = 60_000;
    private static final String READY = "jackfield ready";

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

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isDirectory(project)) {
            throw new Failure(ExitCode.USAGE, "NO_PROJECT", project + " is not a folder", "name the plugin's project");
        }
        if (plugins != null) {
            watch(plugins, endpoint);
        }
        Path folder = Files.createTempDirectory("jackfield-dev-");
        try (Children children = new Children(folder)) {
            Path own = Files.createDirectory(folder.resolve("plugins"));
            watch(own, ownBroker(children, own));
        }
        return ExitCode.OK;
    }

    private String ownBroker(Children children, Path own) throws IOException, InterruptedException {
        String home = System.getProperty("jackfield.home", ".");
        Child broker = children.start(
                "broker",
                READY,
                Map.of(),
                Path.of(home, "jackfield").toString(),
                "serve",
                "--plugins",
                own.toString(),
                "--endpoint",
                ownEndpoint,
                "--http",
                ownHttp);
        String ready = broker.awaitReady(READY_TIMEOUT_MS);
        say(ready.replace(READY, "broker ready"));
        for (String word : ready.split(" ", -1)) {
            if (word.startsWith("tcp://")) {
                return word;
            }
        }
        throw new Failure(ExitCode.FAILED, "NOT_READY", "no tcp:// in the broker's line: " + ready, "");
    }

    /** Until the process is ended. */
    private void watch(Path folder, String address) throws IOException, InterruptedException {
        DevSource builds = builds();
        try (Broker broker = Broker.connect(address)) {
            DevSwap swap = new DevSwap(folder, broker);
            say("watching " + builds);
            while (true) {
                builds.next().ifPresent(built -> say(swap.put(built)));
                builds.problem().ifPresent(this::say);
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
        }
    }

    private DevSource builds() throws IOException {
        if (classes) {
            Path packed = Files.createTempDirectory("jackfield-dev-jar-");
            packed.toFile().deleteOnExit();
            return new DevClasses(project, packed);
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
