package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "place",
        description = {
            "Have a service worked on in the broker's process, by remote workers, or by both; no request is lost.",
            "What is in flight is finished where it is: the answer comes when the side that is left has nothing more.",
            "Lasts until the broker is started anew; services.NAME.placement in its configuration lasts longer."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield place prices remote",
            "  jackfield place prices both",
            "  jackfield place prices both --weight in-process=90,remote=10"
        })
final class PlaceCommand extends ChangeCommand {

    @Parameters(index = "0", paramLabel = "SERVICE", description = "As jackfield services shows it.")
    private String service = "";

    @Parameters(index = "1", paramLabel = "SIDE", description = "in-process (plugins), remote (workers) or both.")
    private String side = "";

    @Option(
            names = "--weight",
            paramLabel = "SHARES",
            defaultValue = "",
            description =
                    "With both: percentages, for example in-process=90,remote=10. Without: the least loaded worker is next.")
    private String weight = "";

    @Option(
            names = "--force",
            description = "Also to a side that has no worker yet: the other has all requests until then.")
    private boolean force;

    PlaceCommand() {
        super("jf.");
    }

    @Override
    byte[] body() {
        return service.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    Map<String, String> headers() {
        if (!weight.isEmpty() && !side.equals("both")) {
            throw new Failure(
                    ExitCode.USAGE, "BAD_OPTION", "--weight with " + side + " (expected: with both)", "leave it out");
        }
        Map<String, String> headers = new HashMap<>();
        headers.put("placement", weight.isEmpty() ? side : weight);
        if (force) {
            headers.put("force", "yes");
        }
        return headers;
    }

    @Override
    String text(JsonNode reply) {
        JsonNode view = reply.path("placement");
        ObjectNode rows = Json.object();
        rows.putArray("placement").add(view);
        String service = view.path("service").asText();
        return Listing.PLACEMENT.table(rows)
                + (view.path("lasts").asBoolean()
                        ? "A restart of the broker changes nothing: its configuration says the same.\n"
                        : "A restart of the broker brings back "
                                + view.path("configured").asText()
                                + "; to make it last, set services." + service + ".placement: "
                                + view.path("placement").asText() + " in its configuration.\n");
    }
}
