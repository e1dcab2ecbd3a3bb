package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.jackfield.host.Sha256;
import io.jackfield.host.TrustedJars;
import io.jackfield.host.TrustedJars.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "trust",
        description = {
            "Let the broker load a jar, where plugins.trust names a list of those that it may load.",
            "A jar that waits in its folder is loaded at once. The list has the form that sha256sum writes.",
            "What serves goes on when it is taken out of the list; it is not loaded again."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield plugins trust target/echo-1.1.0.jar",
            "  jackfield plugins trust --list",
            "  jackfield plugins trust --remove target/echo-1.0.0.jar",
            "  jackfield plugins trust --file trusted-jars.txt target/echo-1.1.0.jar"
        })
final class PluginTrust implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "JAR", description = "A jar, or its SHA-256.")
    private Optional<String> jar = Optional.empty();

    @Option(names = "--list", description = "Only show which jars are trusted.")
    private boolean list;

    @Option(names = "--remove", description = "Trust it no more.")
    private boolean remove;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Change this list without a broker: for jackfield worker --trust, or before the first start.")
    private Optional<Path> file = Optional.empty();

    @Mixin
    private final ConnectOptions options = new ConnectOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (list == jar.isPresent() || (list && remove)) {
            throw new ParameterException(spec.commandLine(), "JAR or --list (expected: one of them)");
        }
        JsonNode reply = file.isPresent() ? inFile(TrustedJars.listedIn(file.get())) : atBroker();
        spec.commandLine().getOut().print(options.json ? Json.text(reply) + '\n' : Listing.TRUSTED.table(reply));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    private JsonNode atBroker() {
        String service = "jf.plugins." + (list ? "trusted" : remove ? "distrust" : "trust");
        String asked = jar.map(PluginTrust::entry)
                .map(entry -> remove ? entry.sha256() : entry.sha256() + "  " + entry.name())
                .orElse("");
        try (Broker broker = Broker.connect(options.endpoint)) {
            return broker.json(service, asked.getBytes(StandardCharsets.UTF_8), Map.of(), options.timeoutMs);
        }
    }

    private JsonNode inFile(TrustedJars trust) {
        try {
            if (jar.isPresent()) {
                change(trust, entry(jar.get()));
            }
            return Json.tree(Map.of("trusted", trust.entries()));
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "BAD_FILE", String.valueOf(e.getMessage()), "mend the file");
        }
    }

    private void change(TrustedJars trust, Entry entry) throws IOException {
        if (!remove) {
            trust.add(entry);
        } else if (!trust.remove(entry.sha256())) {
            throw new Failure(ExitCode.USAGE, "NOT_THERE", entry.sha256() + " is not in the list", "see --list");
        }
    }

    private static Entry entry(String jar) {
        String lower = jar.toLowerCase(Locale.ROOT);
        if (Entry.isSha256(lower)) {
            return new Entry(lower, "");
        }
        try {
            return new Entry(
                    Sha256.of(Path.of(jar)), String.valueOf(Path.of(jar).getFileName()));
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "NO_SUCH_FILE", jar + " cannot be read: " + e, "name a jar or a SHA-256");
        }
    }
}
