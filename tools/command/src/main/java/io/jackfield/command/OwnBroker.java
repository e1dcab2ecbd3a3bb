package io.jackfield.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker that a command starts for itself, and what it says when it serves. */
public final class OwnBroker {

    private static final String READY = "jackfield ready ";
    private static final long READY_TIMEOUT_MS = 60_000;

    private final Child process;
    private final List<String> addresses;

    private OwnBroker(Child process, List<String> addresses) {
        this.process = process;
        this.addresses = addresses;
    }

    /** Starts {@code jackfield serve} of that folder with those options, and waits until it serves. */
    public static OwnBroker start(Children children, Path home, String... options)
            throws IOException, InterruptedException {
        return startNamed("broker", children, home, options);
    }

    /** The same for one of several: the name is that of its log. */
    public static OwnBroker startNamed(String name, Children children, Path home, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("jackfield").toString(), "serve"));
        command.addAll(List.of(options));
        Child process = children.start(name, READY, Map.of(), command.toArray(String[]::new));
        String ready = process.awaitReady(READY_TIMEOUT_MS);
        return new OwnBroker(process, List.of(ready.substring(READY.length()).split(" ")));
    }

    /** Its process. */
    public Child process() {
        return process;
    }

    /** Where it serves, as it says: its endpoints in the order of the configuration, then HTTP. */
    public List<String> addresses() {
        return addresses;
    }

    /** The first of its addresses that begins so. */
    String address(String scheme) {
        Stream<String> all = addresses.stream().filter(address -> address.startsWith(scheme));
        return all.findFirst()
                .orElseThrow(() -> new Failure(
                        ExitCode.FAILED,
                        "NOT_READY",
                        "no " + scheme + " among the broker's addresses: " + String.join(" ", addresses),
                        ""));
    }
}
