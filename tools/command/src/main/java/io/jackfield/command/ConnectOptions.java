package io.jackfield.command;

import picocli.CommandLine.Option;

/** Where the broker is and how to print: the options of every command that asks it something. */
final class ConnectOptions {

    @Option(
            names = "--connect",
            paramLabel = "ENDPOINT",
            defaultValue = "${env:JACKFIELD_CONNECT:-tcp://127.0.0.1:5555}",
            description = "The broker's endpoint (default: tcp://127.0.0.1:5555).")
    String endpoint = "";

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "10000",
            description = "Milliseconds to wait for the answer (default: ${DEFAULT-VALUE}).")
    long timeoutMs;

    @Option(names = "--json", description = "Print JSON; a failure is one JSON line on stderr.")
    boolean json;
}
