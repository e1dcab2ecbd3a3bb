package io.jackfield.broker.plugin;

import io.jackfield.host.Generation;
import io.jackfield.host.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jars that served, each under its SHA-256, so that one can be brought back: bounded in number and bytes, the ones that served longest ago
 * go first. Where they cannot be kept that is told once, and there is nothing to roll back to. Owned by the plugin thread.
 */
final class KeptJars {
    private static final Logger LOG = LoggerFactory.getLogger(KeptJars.class);

    /** Of a copy that is being made. */
    private static final String TMP = ".tmp";

    /** No copy takes as long. */
    private static final long ORPHAN_AGE_MS = 3_600_000;

    private final Path folder;
    private final int jarsMax;
    private final long bytesMax;
    private boolean told;

    KeptJars(Path folder, int jarsMax, long bytesMax) {
        this.folder = folder;
        this.jarsMax = jarsMax;
        this.bytesMax = bytesMax;
    }

    /** Keeps the jar of a generation that begins to serve. */
    void keep(Generation generation) {
        Path target = file(generation.sha256());
        try {
            if (!Files.exists(target)) {
                Files.createDirectories(folder);
                Path unfinished = folder.resolve(generation.sha256() + TMP);
                generation.copyJar(unfinished);
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.setLastModifiedTime(target, FileTime.from(Instant.now()));
            prune();
        } catch (IOException e) {
            if (!told) {
                told = true;
                LOG.warn("jars of plugins are not kept for a rollback in {}: {}", folder, e.toString());
            }
        }
    }

    /** Keeps a jar that was tried and is taken away, so that it can be looked at. */
    void keep(String sha256, Path jar) throws IOException {
        Files.createDirectories(folder);
        if (!Files.exists(jar)) {
            return;
        }
        Path unfinished = folder.resolve(sha256 + TMP);
        Files.copy(jar, unfinished, StandardCopyOption.REPLACE_EXISTING);
        if (Sha256.of(unfinished).equals(sha256)) {
            Files.setLastModifiedTime(unfinished, FileTime.from(Instant.now()));
            Files.move(unfinished, file(sha256), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            prune();
        } else {
            Files.delete(unfinished);
        }
    }

    /** Puts the jar of a generation that serves in the place of the file; false: there is no copy of it. */
    boolean putBack(Generation serving, Path file) throws IOException {
        Path unfinished = folder.resolve(serving.sha256() + ".back" + TMP);
        serving.copyJar(unfinished);
        boolean whole = Sha256.of(unfinished).equals(serving.sha256());
        if (whole) {
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return whole;
    }

    /** The whole jar of that content, if it is still kept. */
    Optional<Path> find(String sha256) {
        Path kept = file(sha256);
        try {
            return Files.isRegularFile(kept) && Sha256.of(kept).equals(sha256) ? Optional.of(kept) : Optional.empty();
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", kept, e.toString());
            return Optional.empty();
        }
    }

    private Path file(String sha256) {
        return folder.resolve(sha256 + ".jar");
    }

    /** What was being copied when a broker was killed; not what another one is copying. */
    private static void deleteOrphans(List<Path> files) throws IOException {
        long before = System.currentTimeMillis() - ORPHAN_AGE_MS;
        for (Path file : files) {
            if (file.toString().endsWith(TMP) && file.toFile().lastModified() < before) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void prune() throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.list(folder)) {
            all = files.toList();
        }
        deleteOrphans(all);
        List<Path> latestFirst = new ArrayList<>(
                all.stream().filter(file -> file.toString().endsWith(".jar")).toList());
        latestFirst.sort(Comparator.comparing((Path file) -> -file.toFile().lastModified()));
        long bytes = 0;
        for (int i = 0; i < latestFirst.size(); i++) {
            bytes += Files.size(latestFirst.get(i));
            if (i >= jarsMax || bytes > bytesMax) {
                Files.deleteIfExists(latestFirst.get(i));
            }
        }
    }
}
