package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerCommandTest {

    @TempDir
    private Path folder;

    @Test
    void shouldSayWhichJarIsNotThere() {
        Path jar = folder.resolve("nothere.jar");

        assertRefused(jar, "NO_SUCH_FILE: " + jar + ": there is no such file (name a plugin jar)");
    }

    @Test
    void shouldSayThatAFolderIsNoJar() {
        assertRefused(folder, "NO_SUCH_FILE: " + folder + " is not a file (name a plugin jar)");
    }

    private static void assertRefused(Path jar, String line) {
        StringWriter err = new StringWriter();

        int exitCode = Main.commandLine().setErr(new PrintWriter(err)).execute("worker", jar.toString());

        assertEquals("jackfield worker: " + line, err.toString().trim());
        assertEquals(ExitCode.USAGE, exitCode);
    }
}
