package io.jackfield.command.conformance;

import io.jackfield.command.Child;
import io.jackfield.command.Children;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** A kit, and how its agent is started. */
public enum Kit {
    C {
        @Override
        Command agent(Path home) {
            return new Command(
                    List.of(home.resolve("native-workers-c/build/bin/conformance_agent")
                            .toString()),
                    Map.of());
        }
    },
    PYTHON {
        @Override
        Command agent(Path home) {
            Path kit = home.resolve("worker-kits/python");
            String python = System.getenv().getOrDefault("JACKFIELD_PYTHON", "python3");
            return new Command(
                    List.of(python, "-u", kit.resolve("conformance/agent.py").toString()),
                    Map.of("PYTHONPATH", kit.resolve("src").toString()));
        }
    },
    JAVA {
        @Override
        Command agent(Path home) {
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            return new Command(
                    List.of(
                            java.toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dkryo.unsafe=false",
                            "-Dlogback.configurationFile=io/jackfield/command/logback.xml",
                            "-cp",
                            System.getProperty("java.class.path"),
                            JavaAgent.class.getName()),
                    Map.of());
        }
    };

    /**
     * A command line.
     *
     * @param environment beside ours
     */
    record Command(List<String> words, Map<String, String> environment) {
        /** Starts it, and waits until it says that it is ready. */
        Child start(String name, Children children, Consumer<String> told) throws IOException, InterruptedException {
            Child agent = children.startTalking(name, "ready", told, environment, words);
            agent.awaitReady(READY_TIMEOUT_MS);
            return agent;
        }
    }

    private static final long READY_TIMEOUT_MS = 30_000;

    /** The program and its environment, without arguments. */
    abstract Command agent(Path home);

    /** As people write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The agent as a worker of those endpoints, whose services begin with the prefix. */
    Command worker(Path home, List<String> endpoints, String prefix, int credit) {
        return with(
                agent(home), "worker", endpoints, List.of("--prefix", prefix, "--credit", Integer.toString(credit)));
    }

    /** The agent as a client of those endpoints. */
    Command client(Path home, List<String> endpoints) {
        return with(agent(home), "client", endpoints, List.of());
    }

    private static Command with(Command program, String role, List<String> endpoints, List<String> more) {
        List<String> words = new ArrayList<>(program.words());
        words.add(role);
        for (String endpoint : endpoints) {
            words.add("--connect");
            words.add(endpoint);
        }
        words.addAll(more);
        return new Command(words, program.environment());
    }
}
