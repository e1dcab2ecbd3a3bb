package io.jackfield.command;

import io.jackfield.host.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Finds what a compiler has made: packs a folder of classes as the project's own jar would be, each time it has changed. One thread. */
final class DevClasses implements DevSource {

    private static final String INDEX = "META-INF/extensions.idx";
    private static final String PLUGIN_ID = "Plugin-Id";

    /** A compiler pauses between its files. */
    private static final int LOOKS_MIN = 5;

    /** A build between two of its steps may leave things out for long. */
    private static final int LOOKS_BEFORE_PROBLEM = 50;

    private final Path classes;
    private final Path pom;
    private final Path packed;
    private Map<String, Look> before = Map.of();
    private int equalLooks;
    private boolean told;
    private Optional<String> problem = Optional.empty();

    /** What a file looked like. */
    private record Look(long modifiedMs, long bytes) {}

    /**
     * Of that project.
     *
     * @param packed a folder for the jars
     */
    DevClasses(Path project, Path packed) {
        this.classes = project.resolve("target/classes");
        this.pom = project.resolve("pom.xml");
        this.packed = packed;
    }

    @Override
    public Optional<Built> next() {
        Map<String, Look> now = look();
        if (!now.equals(before)) {
            before = now;
            equalLooks = 0;
            told = false;
            return Optional.empty();
        }
        equalLooks++;
        if (now.isEmpty() || told || equalLooks < LOOKS_MIN) {
            return Optional.empty();
        }
        try {
            Manifest manifest = manifest();
            if (!now.containsKey(INDEX)) {
                throw new IOException(
                        classes + " has no " + INDEX
                                + " (put pf4j on the compiler's annotation processor path, as the pom of jackfield new plugin does)");
            }
            Path jar = pack(manifest);
            told = true;
            return Optional.of(new Built(jar, Sha256.of(jar)));
        } catch (IOException | UncheckedIOException e) {
            if (equalLooks == LOOKS_BEFORE_PROBLEM) {
                told = true;
                problem = Optional.of(String.valueOf(e.getMessage()));
            }
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> problem() {
        Optional<String> once = problem;
        problem = Optional.empty();
        return once;
    }

    private Map<String, Look> look() {
        Map<String, Look> looks = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.toList()) {
                BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
                if (seen.isRegularFile()) {
                    looks.put(
                            ClassesJar.name(classes, file),
                            new Look(seen.lastModifiedTime().toMillis(), seen.size()));
                }
            }
            return looks;
        } catch (IOException | UncheckedIOException notYet) {
            // The build cleans before it compiles.
            return Map.of();
        }
    }

    private Manifest manifest() throws IOException {
        Path own = classes.resolve(ClassesJar.MANIFEST);
        if (Files.exists(own)) {
            try (var in = Files.newInputStream(own)) {
                Manifest manifest = new Manifest(in);
                if (manifest.getMainAttributes().getValue(PLUGIN_ID) != null) {
                    return manifest;
                }
            }
        }
        Map<String, String> entries = PomManifest.read(pom);
        if (!entries.containsKey(PLUGIN_ID)) {
            throw new IOException(pom + " has no " + PLUGIN_ID
                    + " among the manifestEntries of maven-jar-plugin (the pom of jackfield new plugin shows how)");
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        entries.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        return manifest;
    }

    private Path pack(Manifest manifest) throws IOException {
        String id = String.valueOf(manifest.getMainAttributes().getValue(PLUGIN_ID));
        Path jar = packed.resolve(id.replaceAll("[^A-Za-z0-9._-]", "_") + ".jar");
        ClassesJar.pack(classes, before.keySet(), manifest, jar);
        return jar;
    }

    @Override
    public String toString() {
        return classes + "; build with: mvn -q compile";
    }
}
