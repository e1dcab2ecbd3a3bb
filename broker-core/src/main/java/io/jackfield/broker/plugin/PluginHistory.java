package io.jackfield.broker.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.plugin.PluginChange.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened to plugins, the latest changes only, in memory and in a file of JSON lines, so that it outlives the broker. A file that
 * cannot be written is told of once; what was noted in memory stays. Owned by the plugin thread.
 */
final class PluginHistory {
    private static final Logger LOG = LoggerFactory.getLogger(PluginHistory.class);

    private final Path file;
    private final int changesMax;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Deque<PluginChange> changes = new ArrayDeque<>();
    private int linesInFile;
    private boolean told;

    PluginHistory(Path file, int changesMax) {
        this.file = file;
        this.changesMax = changesMax;
    }

    /** Reads what an earlier broker noted; a line that cannot be read is left out. */
    void open() {
        if (!Files.exists(file)) {
            return;
        }
        try (Stream<String> lines = Files.lines(file)) {
            lines.forEach(this::read);
        } catch (IOException | java.io.UncheckedIOException e) {
            tell(String.valueOf(e.getMessage()));
        }
    }

    void add(PluginChange change) {
        keep(change);
        try {
            Files.createDirectories(file.getParent());
            if (linesInFile >= 2 * changesMax) {
                rewrite();
            } else {
                Files.writeString(file, line(change), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                linesInFile++;
            }
        } catch (IOException e) {
            tell(e.toString());
        }
    }

    /** The oldest first; of one plugin, or of all. */
    List<PluginChange> list(Optional<String> plugin) {
        return changes.stream()
                .filter(change -> plugin.isEmpty() || plugin.get().equals(change.plugin()))
                .toList();
    }

    /** The highest number of a generation that is known; 0 if none is. */
    long lastGeneration() {
        return changes.stream().mapToLong(PluginChange::generation).max().orElse(0);
    }

    /**
     * What served before what served last, the nearest first: each jar once. What was rolled back from is none of them.
     */
    List<PluginChange> before(String plugin) {
        List<PluginChange> served = new ArrayList<>();
        for (PluginChange change : list(Optional.of(plugin))) {
            if (!change.outcome().equals(PluginChange.SERVING)) {
                continue;
            }
            if (change.change().equals(Kind.ROLLED_BACK.word()) && !served.isEmpty()) {
                served.remove(served.size() - 1);
            }
            served.removeIf(earlier -> earlier.sha256().equals(change.sha256()));
            served.add(change);
        }
        List<PluginChange> latestFirst = new ArrayList<>(served);
        java.util.Collections.reverse(latestFirst);
        return latestFirst;
    }

    private void read(String line) {
        linesInFile++;
        try {
            keep(mapper.readValue(line, PluginChange.class));
        } catch (JsonProcessingException e) {
            LOG.debug("a line of {} cannot be read: {}", file, e.getOriginalMessage());
        }
    }

    private void keep(PluginChange change) {
        changes.addLast(change);
        while (changes.size() > changesMax) {
            changes.removeFirst();
        }
    }

    private void rewrite() throws IOException {
        StringBuilder text = new StringBuilder();
        for (PluginChange change : changes) {
            text.append(line(change));
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(unfinished, text);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        linesInFile = changes.size();
    }

    private String line(PluginChange change) throws JsonProcessingException {
        return mapper.writeValueAsString(change) + "\n";
    }

    private void tell(String why) {
        if (!told) {
            told = true;
            LOG.warn("the history of plugins is not kept in {}: {}", file, why);
        }
    }
}
