package io.jackfield.host;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a folder again and again and tells what became of its jars. Owned by the thread that calls {@link #scan};
 * knows no clock and no events, so that a test can step it.
 */
final class FolderScan {

    private final Path folder;
    private final long settleNs;
    private final PluginFolderListener listener;
    private final Map<Path, Jar> jars = new TreeMap<>();
    private String folderComplaint = "";
    private Set<String> disabled;

    /** What is known of one file. */
    private static final class Jar {
        @Nullable
        JarLook firstOfSame;

        String reportedSha256 = "";
        boolean judged;
        boolean complained;
        boolean told;
        boolean missing;
        long missingSinceNs;
    }

    /** @param known what the listener knows already: of that it is told too what is not there any more */
    FolderScan(Path folder, long settleNs, PluginFolderListener listener, PluginFolder.Known known) {
        this.folder = folder;
        this.settleNs = settleNs;
        this.listener = listener;
        this.disabled = known.disabled();
        for (Path jar : known.jars()) {
            jars.computeIfAbsent(jar, unknown -> new Jar()).told = true;
        }
    }

    /** Looks once. Returns whether something is unsettled, so that the next look should come soon. */
    boolean scan(long nowNs) {
        Set<Path> present = new HashSet<>();
        Set<String> disabledNow = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                DisabledMarker.pluginOf(String.valueOf(file.getFileName())).ifPresent(disabledNow::add);
                if (JarReadiness.isJarName(String.valueOf(file.getFileName())) && see(file, nowNs)) {
                    present.add(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // A folder that cannot be read says nothing about its jars: what is loaded stays.
            complainOfFolder(Texts.of(e));
            return false;
        }
        folderComplaint = "";
        forgetMissing(present, nowNs);
        if (!disabledNow.equals(disabled)) {
            disabled = Set.copyOf(disabledNow);
            listener.disabled(disabled);
        }
        return jars.values().stream().anyMatch(jar -> jar.missing || (!jar.judged && !jar.complained));
    }

    private void complainOfFolder(String reason) {
        if (!reason.equals(folderComplaint)) {
            folderComplaint = reason;
            listener.unreadable(folder, reason);
        }
    }

    /** Returns whether the file is there. */
    private boolean see(Path file, long nowNs) {
        try {
            Optional<JarLook> look = JarLook.at(file, nowNs);
            look.ifPresent(now -> see(file, now));
            return look.isPresent();
        } catch (IOException e) {
            // It is there, and nothing is known of it: what was known stays.
            return true;
        }
    }

    private void see(Path file, JarLook now) {
        Jar jar = jars.computeIfAbsent(file, unknown -> new Jar());
        jar.missing = false;
        JarLook first = jar.firstOfSame;
        if (first == null || !first.sameFileAs(now)) {
            jar.firstOfSame = now;
            jar.judged = false;
            jar.complained = false;
            return;
        }
        if (!jar.judged
                && JarReadiness.of(String.valueOf(file.getFileName()), Optional.of(first), now, settleNs)
                        == JarReadiness.SETTLED) {
            judge(file, jar);
        }
    }

    private void judge(Path file, Jar jar) {
        Optional<String> complaint = JarLook.complaint(file);
        if (complaint.isEmpty()) {
            complaint = report(file, jar);
        }
        if (complaint.isPresent() && !jar.complained) {
            jar.complained = true;
            jar.told = true;
            // What comes next is told, even if it is the same again.
            jar.reportedSha256 = "";
            listener.unreadable(file, complaint.get());
        }
    }

    private Optional<String> report(Path file, Jar jar) {
        String sha256;
        try {
            sha256 = Sha256.of(file);
        } catch (IOException e) {
            return Optional.of(Texts.of(e));
        }
        jar.judged = true;
        jar.told = true;
        String before = jar.reportedSha256;
        jar.reportedSha256 = sha256;
        if (before.isEmpty()) {
            listener.appeared(file, sha256);
        } else if (!before.equals(sha256)) {
            listener.changed(file, sha256);
        }
        return Optional.empty();
    }

    /** A file must be missing for as long as it takes to settle: some programs delete first and then write. */
    private void forgetMissing(Set<Path> present, long nowNs) {
        Iterator<Map.Entry<Path, Jar>> all = jars.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Path, Jar> entry = all.next();
            // Taken first: a TreeMap's entry may be another one's after remove().
            Path file = entry.getKey();
            Jar jar = entry.getValue();
            if (present.contains(file)) {
                continue;
            }
            if (!jar.missing) {
                jar.missing = true;
                jar.missingSinceNs = nowNs;
                jar.firstOfSame = null;
            } else if (nowNs - jar.missingSinceNs >= settleNs) {
                all.remove();
                if (jar.told) {
                    listener.gone(file);
                }
            }
        }
    }
}
