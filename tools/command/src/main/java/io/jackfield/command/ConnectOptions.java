package io.jackfield.command;

import picocli.CommandLine.Option;

/** What the broker can say at once. */
final class ConnectOptions extends BrokerOptions {

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "10000",
            description = "Milliseconds to wait for the answer (default: ${DEFAULT-VALUE}).")
    long timeoutMs;
}
