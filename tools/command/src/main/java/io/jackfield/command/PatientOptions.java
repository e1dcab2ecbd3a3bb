package io.jackfield.command;

import picocli.CommandLine.Option;

/** What may take the broker longer: to load a plugin, for example. */
final class PatientOptions extends BrokerOptions {

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            defaultValue = "60000",
            description = "Milliseconds to wait for the answer (default: ${DEFAULT-VALUE}).")
    long timeoutMs;
}
