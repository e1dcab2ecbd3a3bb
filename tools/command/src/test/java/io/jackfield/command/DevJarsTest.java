package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DevJarsTest {

    @TempDir
    Path folder;

    @Test
    void shouldGiveEachWholeJarOnceWhenItHasSettled() throws IOException {
        DevJars jars = new DevJars(folder);
        assertEquals(Optional.empty(), jars.next());

        Path jar = jar("a.jar", "one", 1);
        assertEquals(Optional.empty(), jars.next());
        assertEquals(Optional.of(jar), jars.next().map(DevSource.Built::jar));
        assertEquals(Optional.empty(), jars.next());

        jar("a.jar", "another", 2);
        jar("a-sources.jar", "not a plugin", 3);
        assertEquals(Optional.empty(), jars.next());
        assertEquals(Optional.of(jar), jars.next().map(DevSource.Built::jar));

        Files.setLastModifiedTime(jar, FileTime.fromMillis(4000));
        jars.next();
        assertEquals(Optional.empty(), jars.next());
    }

    @Test
    void shouldWaitForTheRestOfAJar() throws IOException {
        DevJars jars = new DevJars(folder);
        Path jar = Files.write(folder.resolve("a.jar"), new byte[] {'P', 'K', 3, 4});
        jars.next();
        assertEquals(Optional.empty(), jars.next());

        jar("a.jar", "whole", 9);
        jars.next();
        assertEquals(Optional.of(jar), jars.next().map(DevSource.Built::jar));
    }

    @Test
    void shouldOutliveAFolderThatComesAndGoes() {
        assertEquals(Optional.empty(), new DevJars(folder.resolve("target")).next());
    }

    private Path jar(String name, String content, long modifiedS) throws IOException {
        Path jar = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry(content));
        }
        Files.setLastModifiedTime(jar, FileTime.fromMillis(modifiedS * 1000));
        return jar;
    }
}
