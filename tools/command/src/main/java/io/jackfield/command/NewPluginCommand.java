package io.jackfield.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "plugin",
        description = {
            "Make a small Maven project: a handler, a test that asks it in a real broker, a README.",
            "Its build takes the plugin API from this Jackfield and the rest from where Maven takes everything."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield new plugin hello", "  jackfield new plugin price-list --in ~/projects"})
final class NewPluginCommand implements Callable<Integer> {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final int NAME_LENGTH_MAX = 60;
    private static final String API = "io/jackfield/jackfield-plugin-api";

    @Parameters(paramLabel = "NAME", description = "Of the plugin, its service and its folder: such as price-list.")
    private String name = "";

    @Option(
            names = "--in",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where the project's folder is made (default: here).")
    private Path parent = Path.of(".");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!NAME.matcher(name).matches() || name.length() > NAME_LENGTH_MAX) {
            throw new Failure(
                    ExitCode.USAGE,
                    "BAD_NAME",
                    name + " (expected: lower-case letters, digits and single dashes, at most 60, a letter first)",
                    "for example price-list");
        }
        Path project = parent.resolve(name).normalize();
        if (Files.exists(project)) {
            throw new Failure(ExitCode.USAGE, "FOLDER_EXISTS", project + " is there already", "choose another name");
        }
        write(project, values());
        spec.commandLine().getOut().println("made " + project + "; now: cd " + project + " && mvn package");
        return ExitCode.OK;
    }

    private Map<String, String> values() throws IOException {
        Path home = Path.of(System.getProperty("jackfield.home", ".")).toAbsolutePath();
        Path repository = repository(home);
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("Class", className());
        values.put("package", "plugins." + name.replace("-", ""));
        values.put("home", home.toString());
        values.put("repository", repository.toString());
        values.put("version", version(repository));
        return values;
    }

    private String className() {
        return Arrays.stream(name.split("-"))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining());
    }

    /** In a checkout, the distribution that the build has made. */
    private static Path repository(Path home) {
        for (Path candidate : List.of(home.resolve("maven"), home.resolve("tools/dist/target/jackfield/maven"))) {
            if (Files.isDirectory(candidate.resolve(API))) {
                return candidate;
            }
        }
        throw new Failure(ExitCode.SETUP, "INCOMPLETE", home + " has no folder maven", "unpack Jackfield again, whole");
    }

    private static String version(Path repository) throws IOException {
        try (Stream<Path> versions = Files.list(repository.resolve(API))) {
            return versions.map(version -> String.valueOf(version.getFileName()))
                    .max(String::compareTo)
                    .orElseThrow();
        }
    }

    private void write(Path project, Map<String, String> values) throws IOException {
        String source = "java/plugins/" + name.replace("-", "") + "/" + className();
        write("pom.xml", project.resolve("pom.xml"), values);
        write("README.md", project.resolve("README.md"), values);
        write("maven.config", project.resolve(".mvn/maven.config"), values);
        write("Handler.java", project.resolve("src/main/" + source + ".java"), values);
        write("HandlerTest.java", project.resolve("src/test/" + source + "Test.java"), values);
    }

    private static void write(String template, Path file, Map<String, String> values) throws IOException {
        String text;
        try (InputStream in = NewPluginCommand.class.getResourceAsStream("plugin/" + template)) {
            if (in == null) {
                throw new IllegalStateException("template " + template + " is missing");
            }
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
    }
}
