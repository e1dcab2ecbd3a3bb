package io.jackfield.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.dist.Jackfield.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What lies in the folder that people unpack. */
class DistributionIT {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)[^)]*\\)");

    @Test
    void shouldShipWhatItsReadmeLinksTo() throws IOException {
        List<String> links = LINK.matcher(Files.readString(Jackfield.HOME.resolve("README.md")))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.startsWith("http"))
                .toList();

        assertTrue(links.contains("LICENSE"), links::toString);
        assertEquals(
                List.of(),
                links.stream()
                        .filter(target -> Files.notExists(Jackfield.HOME.resolve(target)))
                        .toList());
    }

    @Test
    void shouldSayTheVersionOfItsJars() throws Exception {
        Ran ran = Jackfield.run("--version");

        String version = ran.text().strip().replaceFirst("^jackfield ", "");
        assertTrue(Files.exists(Jackfield.HOME.resolve("lib/jackfield-command-" + version + ".jar")), ran.text());
    }
}
