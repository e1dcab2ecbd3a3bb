package io.jackfield.command;

import picocli.CommandLine.Option;

/** As {@link ConnectOptions}, for what may take the broker longer: to load a plugin, for example. */
final class PatientOptions {

    @Option(
            names = "--connect",
            paramLabel = "ENDPOINT",
            defaultValue = "${env:JACKFIELD_CONNECT:-tcp://127.0.0.1:5555}",
            description = "The broker's endpoint (default: tcp://127.0.0.1:5555).")
    String endpoint = "";

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "60000",
            description = "Milliseconds to wait for the answer (default: ${DEFAULT-VALUE}).")
    long timeoutMs;

    @Option(names = "--json", description = "Print JSON; a failure is one JSON line on stderr.")
    boolean json;
}
