package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that tell of plugins and change nothing. */
final class PluginQuestions {

    private PluginQuestions() {}

    @Command(
            name = "history",
            description = "Show what happened to plugins, the latest below.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  jackfield plugins history",
                "  jackfield plugins history echo --json",
                "  jackfield plugins history echo --generation 3"
            })
    static final class History implements Callable<Integer> {
        @Parameters(arity = "0..1", paramLabel = "ID", defaultValue = "", description = "One plugin only.")
        private String id = "";

        @Option(
                names = "--generation",
                paramLabel = "N",
                description = "What happened to this one alone, with its whole SHA-256.")
        private long generation;

        @Mixin
        private final ConnectOptions options = new ConnectOptions();

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call
        private CommandSpec spec;

        @Override
        public Integer call() {
            JsonNode reply = ask(options, "jf.plugins.history", id);
            if (generation > 0) {
                reply = ofGeneration(reply);
            }
            print(spec, options.json ? Json.text(reply) + '\n' : text(reply));
            return ExitCode.OK;
        }

        private String text(JsonNode reply) {
            String table = Listing.PLUGIN_HISTORY.table(reply);
            return generation > 0 ? "SHA-256 " + reply.at("/history/0/sha256").asText() + "\n\n" + table : table;
        }

        private JsonNode ofGeneration(JsonNode reply) {
            ObjectNode only = Json.object();
            ArrayNode changes = only.putArray("history");
            for (JsonNode change : reply.path("history")) {
                if (change.path("generation").asLong() == generation) {
                    changes.add(change);
                }
            }
            if (changes.isEmpty()) {
                throw new Failure(
                        ExitCode.FAILED,
                        "NO_SUCH_GENERATION",
                        "the history knows no generation " + generation + (id.isEmpty() ? "" : " of plugin " + id),
                        "see: jackfield plugins history");
            }
            return only;
        }
    }

    @Command(
            name = "show",
            description = "Show one plugin: its jars, how each of its handlers does, and what happened to it.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins show echo"})
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "ID", description = "The plugin's id, as jackfield plugins shows it.")
        private String id = "";

        @Mixin
        private final ConnectOptions options = new ConnectOptions();

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call
        private CommandSpec spec;

        @Override
        public Integer call() {
            JsonNode reply = ask(options, "jf.plugins.show", id);
            JsonNode plugin = reply.path("plugin");
            print(
                    spec,
                    options.json
                            ? Json.text(reply) + '\n'
                            : Listing.PLUGINS.table(plugin)
                                    + line(plugin, "depends on", "dependencies")
                                    + line(plugin, "needed by", "dependents")
                                    + handlers(plugin)
                                    + '\n'
                                    + Listing.PLUGIN_HISTORY.table(plugin));
            return ExitCode.OK;
        }
    }

    /** What the plugin's jars say together; nothing where they say nothing. */
    static String line(JsonNode plugin, String words, String field) {
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode view : plugin.path("plugins")) {
            view.path(field).forEach(name -> names.add(name.asText()));
        }
        return names.isEmpty() ? "" : words + ": " + String.join(", ", names) + '\n';
    }

    /** How each handler of each generation does; nothing where nothing serves. */
    static String handlers(JsonNode plugin) {
        ObjectNode all = Json.object();
        ArrayNode rows = all.putArray("handlers");
        for (JsonNode view : plugin.path("plugins")) {
            for (JsonNode handler : view.path("handlers")) {
                ObjectNode row = handler.deepCopy();
                rows.add(row.<ObjectNode>set("generation", view.path("generation")));
            }
        }
        return rows.isEmpty() ? "" : '\n' + Listing.HANDLERS.table(all);
    }

    private static JsonNode ask(ConnectOptions options, String service, String id) {
        try (Broker broker = Broker.connect(options.endpoint)) {
            return broker.json(service, id.getBytes(StandardCharsets.UTF_8), Map.of(), options.timeoutMs);
        }
    }

    private static void print(CommandSpec spec, String text) {
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }
}
