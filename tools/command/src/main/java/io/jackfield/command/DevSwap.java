package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Puts a jar into the watched folder and asks the broker what became of it. One thread. */
final class DevSwap {

    private static final byte[] NO_QUESTION = "{}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ALL = {};
    private static final String REFUSED = "refused";
    private static final long OUTCOME_TIMEOUT_MS = 30_000;
    private static final long ASK_TIMEOUT_MS = 5_000;
    private static final long LOOK_MS = 20;

    private final Path folder;
    private final Broker broker;

    DevSwap(Path folder, Broker broker) {
        this.folder = folder;
        this.broker = broker;
    }

    /** What happened, in one line. */
    String put(DevSource.Built built) {
        long begunNs = System.nanoTime();
        String name = String.valueOf(built.jar().getFileName());
        try {
            Path unfinished = folder.resolve("." + name + ".part");
            Files.copy(built.jar(), unfinished, StandardCopyOption.REPLACE_EXISTING);
            Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            return now() + " " + outcome(built, begunNs);
        } catch (IOException e) {
            return now() + " " + name + " cannot be put into " + folder + ": " + e;
        } catch (Failure e) {
            return now() + " " + name + ": " + e.line();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return now() + " interrupted";
        }
    }

    private String outcome(DevSource.Built built, long begunNs) throws IOException, InterruptedException {
        String name = String.valueOf(built.jar().getFileName());
        while (true) {
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
            String why = "";
            for (JsonNode plugin : plugins()) {
                String state = plugin.path("state").asText();
                if (plugin.path("sha256").asText().equals(built.sha256()) && !state.equals("loading")) {
                    return line(plugin, state, tookMs);
                }
                if (plugin.path("file").asText().equals(name)) {
                    why += plugin.path("reason").asText();
                }
            }
            if (!why.isEmpty()) {
                JsonNode last = lastOutcome(name);
                if (last.path("outcome").asText().equals(REFUSED)
                        && last.path("sha256").asText().equals(built.sha256())) {
                    return line(last, REFUSED, tookMs);
                }
            }
            if (tookMs > OUTCOME_TIMEOUT_MS) {
                return name + " is not taken after " + tookMs + " ms"
                        + (why.isEmpty() ? " (does the broker watch " + folder + "?)" : ": " + Terminal.printable(why));
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    /** What serves goes on where the file's new content is refused, and is what the broker lists: the history alone has the other. */
    private JsonNode lastOutcome(String file) {
        JsonNode last = Json.object();
        for (JsonNode change :
                broker.json("jf.plugins.history", ALL, Map.of(), ASK_TIMEOUT_MS).path("history")) {
            String outcome = change.path("outcome").asText();
            if (change.path("file").asText().equals(file) && (outcome.equals(REFUSED) || outcome.equals("serving"))) {
                last = change;
            }
        }
        return last;
    }

    private JsonNode plugins() throws IOException {
        return Json.parse(broker.ask("jf.plugins", NO_QUESTION, Map.of(), ASK_TIMEOUT_MS)
                        .body())
                .path("plugins");
    }

    private static String line(JsonNode plugin, String state, long tookMs) {
        String reason = plugin.path("reason").asText();
        if (state.equals(REFUSED) || state.equals("standing-back")) {
            return plugin.path("file").asText() + " is " + state + " after " + tookMs + " ms: "
                    + Terminal.printable(reason);
        }
        List<String> services = new ArrayList<>();
        plugin.path("services").forEach(service -> services.add(service.asText()));
        return plugin.path("id").asText() + " " + plugin.path("version").asText() + ", generation "
                + plugin.path("generation").asText() + ", " + state + " " + String.join(", ", services) + " after "
                + tookMs + " ms" + (reason.isEmpty() ? "" : ": " + Terminal.printable(reason));
    }

    private static String now() {
        return LocalTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
