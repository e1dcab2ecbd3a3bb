package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevClassesTest {

    private static final int LOOKS_MAX = 60;

    private static final String POM =
            """
            <project><artifactId>hello</artifactId><version>1.2.0</version>
              <properties><needs>words@&gt;=1.0</needs></properties>
              <build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive><manifestEntries>
                <Plugin-Id>${project.artifactId}</Plugin-Id>
                <Plugin-Version>${project.version}</Plugin-Version>
                <Plugin-Dependencies>${needs}</Plugin-Dependencies>
              </manifestEntries></archive></configuration></plugin></plugins></build>
            </project>
            """;

    @TempDir
    private Path project;

    @TempDir
    private Path packed;

    private DevClasses builds;

    @BeforeEach
    void watch() {
        builds = new DevClasses(project, packed);
    }

    @Test
    void shouldPackTheClassesAsTheJarWouldBeOnceTheyHaveSettled() throws IOException {
        assertEquals(Optional.empty(), next());
        write("pom.xml", POM);
        write("target/classes/META-INF/extensions.idx", "hello.Hello");
        write("target/classes/hello/Hello.class", "code");

        DevSource.Built built = next().orElseThrow();
        assertEquals("hello.jar", String.valueOf(built.jar().getFileName()));
        try (JarFile jar = new JarFile(built.jar().toFile())) {
            Attributes manifest = Objects.requireNonNull(jar.getManifest()).getMainAttributes();
            assertEquals("1.2.0", manifest.getValue("Plugin-Version"));
            assertEquals("words@>=1.0", manifest.getValue("Plugin-Dependencies"));
            assertEquals(
                    List.of("META-INF/MANIFEST.MF", "META-INF/extensions.idx", "hello/Hello.class"),
                    jar.stream().map(JarEntry::getName).toList());
        }
        assertEquals(Optional.empty(), next());

        write("target/classes/hello/Hello.class", "other code");
        assertNotEquals(built.sha256(), next().orElseThrow().sha256());
        write("target/classes/hello/Hello.class", "code");
        assertEquals(built.sha256(), next().orElseThrow().sha256(), "the same classes make the same jar");
    }

    @Test
    void shouldTakeTheManifestOfTheFolderWhereThereIsOne() throws IOException {
        write("target/classes/META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nPlugin-Id: own\nPlugin-Version: 3.0.0\n");
        write("target/classes/META-INF/extensions.idx", "hello.Hello");

        assertEquals("own.jar", String.valueOf(next().orElseThrow().jar().getFileName()));
    }

    @Test
    void shouldSayWhatIsMissing() throws IOException {
        write("target/classes/hello/Hello.class", "code");
        assertProblem("there is no " + project.resolve("pom.xml"));
        write("pom.xml", POM.replace("Plugin-Id", "Other"));
        write("target/classes/a", "1");
        assertProblem("has no Plugin-Id among the manifestEntries");
        write("pom.xml", POM);
        write("target/classes/a", "12");
        assertProblem("target/classes has no META-INF/extensions.idx (put pf4j on");
        write("pom.xml", POM.replace("<needs>", "<other>").replace("</needs>", "</other>"));
        write("target/classes/a", "123");
        assertProblem("${needs} of Plugin-Dependencies is not said in it");
        write("pom.xml", POM.replace("maven-jar-plugin", "maven-shade-plugin"));
        write("target/classes/a", "1234");
        assertProblem("puts more into the jar than the classes, by maven-shade-plugin");
        write("pom.xml", "<project>");
        write("target/classes/a", "12345");
        assertProblem("pom.xml cannot be read: ");
    }

    private void assertProblem(String words) {
        assertEquals(Optional.empty(), next());
        String problem = builds.problem().orElseThrow();
        assertTrue(problem.contains(words), problem);
        assertEquals(Optional.empty(), builds.problem(), "it is told once");
    }

    private Optional<DevSource.Built> next() {
        for (int i = 0; i < LOOKS_MAX; i++) {
            Optional<DevSource.Built> built = builds.next();
            if (built.isPresent()) {
                return built;
            }
        }
        return Optional.empty();
    }

    /** What is written into the folder of classes has another length than what was there. */
    private void write(String name, String text) throws IOException {
        Path file = project.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }
}
