package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Asks the broker for one of its listings and prints it. */
abstract class ListCommand implements Callable<Integer> {

    @Mixin
    private final ConnectOptions options = new ConnectOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    private final Listing listing;

    ListCommand(Listing listing) {
        this.listing = listing;
    }

    @Override
    public final Integer call() {
        JsonNode reply;
        try (Broker broker = Broker.connect(options.endpoint)) {
            reply = broker.list(listing, options.timeoutMs);
        }
        spec.commandLine().getOut().print(options.json ? Json.text(reply) + '\n' : listing.table(reply));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
