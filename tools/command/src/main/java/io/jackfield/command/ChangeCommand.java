package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has the broker change something, through one of its own services, and prints how it is then. */
abstract class ChangeCommand implements Callable<Integer> {

    @Mixin
    private final PatientOptions options = new PatientOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    private final String prefix;

    /** @param prefix of the service; the command's name follows */
    ChangeCommand(String prefix) {
        this.prefix = prefix;
    }

    abstract byte[] body();

    Map<String, String> headers() {
        return Map.of();
    }

    /** The answer, for people. */
    abstract String text(JsonNode reply);

    @Override
    public final Integer call() {
        byte[] body = body();
        Map<String, String> headers = headers();
        JsonNode reply;
        try (Broker broker = Broker.connect(options.endpoint)) {
            reply = broker.json(prefix + spec.name(), body, headers, options.timeoutMs);
        }
        spec.commandLine().getOut().print(options.json ? Json.text(reply) + '\n' : text(reply));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
