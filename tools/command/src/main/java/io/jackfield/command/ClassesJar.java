package io.jackfield.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A folder of classes as a jar. */
final class ClassesJar {

    static final String MANIFEST = "META-INF/MANIFEST.MF";

    private ClassesJar() {}

    /** Writes the jar, with that manifest; the same classes make the same jar. */
    static void pack(Path classes, Collection<String> names, Manifest manifest, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(entry(MANIFEST));
            manifest.write(out);
            for (String name : names) {
                if (!name.equals(MANIFEST)) {
                    out.putNextEntry(entry(name));
                    Files.copy(classes.resolve(name), out);
                }
            }
        }
    }

    /** Of a file in the folder, as jars name their entries. */
    static String name(Path classes, Path file) {
        return classes.relativize(file).toString().replace('\\', '/');
    }

    private static JarEntry entry(String name) {
        JarEntry entry = new JarEntry(name);
        entry.setLastModifiedTime(FileTime.fromMillis(0));
        return entry;
    }
}
