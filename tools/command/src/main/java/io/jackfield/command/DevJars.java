package io.jackfield.command;

import io.jackfield.host.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** Finds what a build has made: the newest jar of a folder, when it is whole and not the one before. One thread. */
final class DevJars implements DevSource {

    private static final List<String> NOT_PLUGINS = List.of("-sources.jar", "-javadoc.jar", "-tests.jar");

    private final Path folder;
    private Look before = new Look(Path.of(""), 0, 0);
    private String taken = "";

    /** What a jar looked like. */
    private record Look(Path jar, long modifiedMs, long bytes) {}

    DevJars(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<Built> next() {
        Optional<Look> newest = newest();
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        boolean settled = newest.get().equals(before);
        before = newest.get();
        return settled ? whole(before.jar()) : Optional.empty();
    }

    private Optional<Built> whole(Path jar) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            String sha256 = Sha256.of(jar);
            if (zip.size() == 0 || sha256.equals(taken)) {
                return Optional.empty();
            }
            taken = sha256;
            return Optional.of(new Built(jar, sha256));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    private Optional<Look> newest() {
        List<Look> looks = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(DevJars::isPlugin).toList()) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                looks.add(new Look(file, attributes.lastModifiedTime().toMillis(), attributes.size()));
            }
        } catch (IOException notYet) {
            // The build cleans before it builds.
            return Optional.empty();
        }
        return looks.stream().max(Comparator.comparingLong(Look::modifiedMs));
    }

    private static boolean isPlugin(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".jar")
                && !name.startsWith(".")
                && NOT_PLUGINS.stream().noneMatch(name::endsWith);
    }

    @Override
    public String toString() {
        return folder.resolve("*.jar") + "; build with: mvn -q package";
    }
}
