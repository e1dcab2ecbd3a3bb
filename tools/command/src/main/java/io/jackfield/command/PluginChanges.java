package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.protocol.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands that change plugins: each asks one of the broker's own services and prints what the plugin is then. */
final class PluginChanges {

    private PluginChanges() {}

    private abstract static class Change extends ChangeCommand {
        Change() {
            super("jf.plugins.");
        }

        @Override
        final String text(JsonNode reply) {
            return reply.path("plugins").isEmpty() ? "done: no jar of it is left\n" : Listing.PLUGINS.table(reply);
        }
    }

    private abstract static class OfJar extends Change {
        @Parameters(paramLabel = "JAR", description = "The plugin: it is sent to the broker.")
        private Path jar = Path.of("");

        final Path jar() {
            return jar;
        }

        @Override
        final byte[] body() {
            try {
                return Files.readAllBytes(jar);
            } catch (IOException e) {
                throw new Failure(ExitCode.USAGE, "NO_SUCH_FILE", jar + " cannot be read: " + e, "name a plugin jar");
            }
        }
    }

    private abstract static class OfPlugin extends Change {
        @Parameters(paramLabel = "ID", description = "The plugin's id, as jackfield plugins shows it.")
        private String id = "";

        @Override
        final byte[] body() {
            return id.getBytes(StandardCharsets.UTF_8);
        }
    }

    @Command(
            name = "add",
            description = "Put a new plugin into the folder; it is taken out again if it is refused.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins add target/echo-1.0.0.jar"})
    static final class Add extends OfJar {
        @Override
        Map<String, String> headers() {
            String name = String.valueOf(jar().getFileName());
            if (name.getBytes(StandardCharsets.UTF_8).length > Limits.HEADER_VALUE_BYTES_MAX) {
                throw new Failure(ExitCode.USAGE, "BAD_NAME", "the file's name is too long", "rename it");
            }
            return Map.of("file", name);
        }
    }

    @Command(
            name = "replace",
            description = {
                "Put a jar in the place of the one that holds the same plugin; no request fails.",
                "If it is refused, the former jar is put back, and goes on serving."
            },
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins replace target/echo-1.1.0.jar"})
    static final class Replace extends OfJar {}

    @Command(
            name = "remove",
            description = "Take every jar of a plugin out of the folder; rollback brings the last one back.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins remove echo"})
    static final class Remove extends OfPlugin {}

    @Command(
            name = "disable",
            description = "Stop a plugin, whose jar stays; the broker's restart does not change that.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins disable echo"})
    static final class Disable extends OfPlugin {}

    @Command(
            name = "enable",
            description = "Let a plugin serve again that was disabled.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins enable echo"})
    static final class Enable extends OfPlugin {}

    @Command(
            name = "rollback",
            description = "Bring back the jar that served before, or the last one of a plugin that was removed.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jackfield plugins rollback echo"})
    static final class Rollback extends OfPlugin {}
}
