package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/FIRST-PLUGIN.md says, as it stands there; only the ports and the last folder are others. */
class FirstPluginIT {

    /** Builds by Maven, with processes of its own, on a machine that may be busy. */
    private static final long TIMEOUT_S = 180;

    @TempDir
    private Path folder;

    /** Before JUnit does: it would name each of them. */
    @AfterEach
    void unlink() throws IOException {
        for (Path links : List.of(folder.resolve("repository/io"), folder.resolve("repository"))) {
            if (Files.exists(links)) {
                try (Stream<Path> files = Files.list(links)) {
                    for (Path file : files.filter(Files::isSymbolicLink).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    @Test
    void shouldLeadFromNothingToAPluginThatChangesWhileItServes() throws Exception {
        List<String> steps = steps();
        assertEquals(6, steps.size());
        Path hello = folder.resolve("hello");
        shell(folder, steps.get(0));
        assertTrue(
                Files.readString(hello.resolve("src/main/java/plugins/hello/Hello.java"))
                        .replaceAll("(?m)^ */\\*\\*.*\\n", "")
                        .replace("\n\n\n", "\n\n")
                        .contains(shownHandler()),
                "the guide shows the handler that is made");
        shell(hello, steps.get(1));

        String dev = steps.get(2)
                        .trim()
                        .replace(
                                "jackfield", Jackfield.HOME.resolve("jackfield").toString())
                + " --endpoint tcp://127.0.0.1:0 --http 127.0.0.1:0";
        try (Running running = Running.start(hello, Map.of(), "bash", "-c", "exec " + dev)) {
            awaitSaid(running, "broker ready");
            String http = address(running.awaitLine("the ready line", line -> line.startsWith("broker ready")));
            awaitSaid(running, "hello 1.0.0, generation 1, serving hello");
            String curl = steps.get(3).replace("http://127.0.0.1:8080", http);
            assertEquals("{\"greeting\":\"Hello Ada\"}", shell(hello, curl));

            shell(hello, steps.get(4));
            awaitSaid(running, "hello 1.0.0, generation 2, serving hello");
            assertEquals("{\"greeting\":\"Welcome Ada\"}", shell(hello, curl));
        }

        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        shell(hello, steps.get(5).replace("/srv/jackfield/plugins", plugins.toString()));
        assertTrue(Files.exists(plugins.resolve("hello.jar")));
    }

    @Test
    void shouldRefuseWhatCannotBeAPluginsName() throws Exception {
        Jackfield.Ran ran = Jackfield.run("new", "plugin", "Hello World", "--in", folder.toString());

        assertEquals(2, ran.exitCode());
        assertTrue(ran.stderr().contains("BAD_NAME"), ran.stderr());
    }

    private static void awaitSaid(Running running, String words) {
        Await.until(words, Duration.ofSeconds(TIMEOUT_S), () -> running.output().contains(words));
    }

    private static String guide() throws IOException {
        return Files.readString(Kits.checkout().resolve("docs/FIRST-PLUGIN.md"));
    }

    private static List<String> steps() throws IOException {
        List<String> steps = new ArrayList<>();
        Matcher example = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL).matcher(guide());
        while (example.find()) {
            steps.add(example.group(1));
        }
        return steps;
    }

    private static String shownHandler() throws IOException {
        Matcher example = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(guide());
        assertTrue(example.find());
        return example.group(1);
    }

    private static String address(String readyLine) {
        return Stream.of(readyLine.split(" "))
                .filter(word -> word.startsWith("http://"))
                .findFirst()
                .orElseThrow();
    }

    /** Offline, and with a Maven repository that has all but Jackfield's own: that must come from the distribution. */
    private String shell(Path where, String script) throws IOException, InterruptedException {
        String commands = script.replace("jackfield new", Jackfield.HOME.resolve("jackfield") + " new")
                .replace("mvn ", "mvn -B -o -Dmaven.repo.local=" + repository() + " ");
        try (Running run = Running.start(where, Map.of(), "bash", "-eu", "-c", commands)) {
            assertEquals(0, run.awaitExit(TIMEOUT_S), run.output());
            return run.output();
        }
    }

    private Path repository() throws IOException {
        Path mine = folder.resolve("repository");
        if (!Files.exists(mine)) {
            String home = System.getProperty("user.home");
            Path all = Path.of(System.getProperty("maven.repo.local", home + "/.m2/repository"));
            Files.createDirectory(mine);
            link(all, mine, "io");
            link(all.resolve("io"), Files.createDirectory(mine.resolve("io")), "jackfield");
        }
        return mine;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (!file.endsWith(except)) {
                    Files.createSymbolicLink(to.resolve(file.getFileName()), file);
                }
            }
        }
    }
}
