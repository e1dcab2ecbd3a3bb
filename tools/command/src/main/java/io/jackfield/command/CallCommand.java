package io.jackfield.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jackfield.api.Reply;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "call",
        description = "Ask a service and print its reply.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield call is-prime 32416190071",
            "  jackfield call echo --json 'Hello'",
            "  jackfield call thumbnail - --header content-type:image/png < in.png > out.png"
        })
final class CallCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "SERVICE", description = "The service to ask.")
    private String service = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "BODY",
            defaultValue = "",
            description = "The body, sent as UTF-8; - reads it from stdin as it is. Default: an empty body.")
    private String body = "";

    @Option(
            names = "--header",
            paramLabel = "NAME:VALUE",
            description = "A header of the request; may be given several times.")
    private String[] headers = {};

    @Mixin
    private final ConnectOptions options = new ConnectOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Map<String, String> sent = headersByName();
        byte[] asked = body.equals("-") ? System.in.readAllBytes() : body.getBytes(StandardCharsets.UTF_8);
        try (Broker broker = Broker.connect(options.endpoint)) {
            long beginNs = System.nanoTime();
            Reply answer = broker.ask(service, asked, sent, options.timeoutMs);
            print(answer, Duration.ofNanos(System.nanoTime() - beginNs));
        }
        return ExitCode.OK;
    }

    private Map<String, String> headersByName() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new ParameterException(
                        spec.commandLine(), "header: " + header + " (expected: NAME:VALUE, like trace:7)");
            }
            byName.put(header.substring(0, colon), header.substring(colon + 1));
        }
        return byName;
    }

    /** The body goes out byte for byte; only a person at a terminal gets the line break that it may lack. */
    private void print(Reply answer, Duration elapsed) throws IOException {
        PrintStream out = System.out;
        if (options.json) {
            ObjectNode object = Json.object().put("service", service);
            Json.putBody(object, answer.body());
            answer.headers().forEach(object.putObject("headers")::put);
            out.println(Json.text(object.put("elapsedMs", elapsed.toMillis())));
            return;
        }
        out.write(answer.body());
        if (Terminal.present() && !endsWithNewline(answer.body())) {
            out.println();
        }
        out.flush();
    }

    private static boolean endsWithNewline(byte[] body) {
        return body.length > 0 && body[body.length - 1] == '\n';
    }
}
