package io.jackfield.command;

import picocli.CommandLine.Option;

/** Where the broker is and how to print: the options of every command that asks it something. */
abstract class BrokerOptions {

    @Option(
            names = "--connect",
            paramLabel = "ENDPOINT",
            defaultValue = "${env:JACKFIELD_CONNECT:-tcp://127.0.0.1:5555}",
            description = "The broker's endpoint (default: tcp://127.0.0.1:5555).")
    String endpoint = "";

    @Option(names = "--json", description = "Print JSON; a failure is one JSON line on stderr.")
    boolean json;
}
