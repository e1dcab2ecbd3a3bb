package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ApiVersionTest {

    @Test
    void shouldOfferTheVersionOfTheApiThatIsBuiltWithIt() throws Exception {
        String pom = Files.readString(Path.of("..", "plugin-api", "pom.xml"));
        String version = PluginManifest.API_VERSION;
        boolean same = pom.contains("<version>" + version + "</version>")
                || pom.contains("<version>" + version + "-SNAPSHOT</version>");
        assertTrue(same, () -> "API_VERSION is " + version + ", and plugin-api/pom.xml says otherwise");
    }
}
