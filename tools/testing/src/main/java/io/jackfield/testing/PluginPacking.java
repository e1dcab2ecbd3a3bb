package io.jackfield.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.CodeSource;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Makes plugin jars of the folders that classes were compiled into. */
final class PluginPacking {

    private static final String INDEX = "META-INF/extensions.idx";
    // A jar that was just written might still be growing: the broker would look at it twice.
    private static final long SETTLED_S = 60;

    private PluginPacking() {}

    static void pack(Class<?>[] handlers, Path plugins) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (Class<?> handler : handlers) {
            folders.add(folder(handler));
        }
        int number = 0;
        for (Path folder : folders) {
            number++;
            Path jar = plugins.resolve("under-test-" + number + ".jar");
            if (Files.isDirectory(folder)) {
                write(folder, "under-test-" + number, jar);
            } else {
                Files.copy(folder, jar);
            }
            Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(SETTLED_S)));
        }
    }

    private static Path folder(Class<?> handler) {
        CodeSource source = handler.getProtectionDomain().getCodeSource();
        try {
            if (source == null) {
                throw new IllegalStateException(handler.getName() + " is a class of the JDK (expected: a handler)");
            }
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(handler.getName() + " comes from " + source, e);
        }
    }

    private static void write(Path folder, String id, Path jar) throws IOException {
        if (!Files.exists(folder.resolve(INDEX))) {
            throw new IllegalStateException(folder + " has no " + INDEX
                    + " (let the compiler run pf4j's annotation processor, as the pom of jackfield new plugin does)");
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Plugin-Id", id);
        manifest.getMainAttributes().putValue("Plugin-Version", "0.0.0");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> files = Files.walk(folder)) {
            for (Path one : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(one).toString().replace('\\', '/');
                if (!name.equals("META-INF/MANIFEST.MF")) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(one, out);
                }
            }
        }
    }
}
