package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.host.DisabledMarker;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginIdentity;
import io.jackfield.host.PluginRefusedException;
import io.jackfield.host.Sha256;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people may do to plugins while the broker runs. Each command changes the watched folder, which stays the truth, and completes when what
 * became of it is known: with the views of the plugin, or exceptionally with a {@link RefusedException}, and then the folder is as it was.
 * Called on any thread; works on the plugin thread.
 */
public final class PluginCommands {
    private static final Logger LOG = LoggerFactory.getLogger(PluginCommands.class);
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,195}\\.jar");

    private final Path dir;
    private final Path hidden;
    private final PluginHost host;
    private final Roster roster;
    private final PluginRecords records;
    private final Executor thread;
    private long incoming;

    PluginCommands(Path dir, Path hidden, PluginHost host, Roster roster, PluginRecords records, PluginThread thread) {
        this.dir = dir;
        this.hidden = hidden;
        this.host = host;
        this.roster = roster;
        this.records = records;
        this.thread = thread;
    }

    /**
     * A plugin and what happened to it.
     *
     * @param history the oldest change first
     */
    public record Details(List<PluginView> plugins, List<PluginChange> history) {}

    private interface Command<T> {
        CompletableFuture<T> run() throws RefusedException, PluginRefusedException, IOException;
    }

    /** Puts a new plugin into the folder. */
    public CompletableFuture<List<PluginView>> add(String fileName, byte[] jar) {
        return onThread(() -> {
            if (!FILE_NAME.matcher(fileName).matches()) {
                throw badRequest(
                        "file name: " + fileName + " (expected: NAME.jar of letters, digits, ., _, + and -)",
                        "rename it");
            }
            Path file = write(jar);
            try {
                return add(dir.resolve(fileName), file, host.inspect(file).id());
            } finally {
                Files.deleteIfExists(file);
            }
        });
    }

    /** Puts a jar in the place of the one that holds the same plugin. */
    public CompletableFuture<List<PluginView>> replace(byte[] jar) {
        return onThread(() -> {
            Path file = write(jar);
            try {
                PluginIdentity identity = host.inspect(file);
                return replace(known(identity.id()), file, identity.id(), Kind.ADDED, "");
            } finally {
                Files.deleteIfExists(file);
            }
        });
    }

    /** Takes every jar of a plugin out of the folder; one that served is kept for a rollback. */
    public CompletableFuture<List<PluginView>> remove(String pluginId) {
        return onThread(() -> {
            known(pluginId);
            for (JarSlot slot : roster.slots().holding(pluginId)) {
                Files.deleteIfExists(slot.file);
                roster.gone(slot.file);
            }
            DisabledMarker.set(dir, pluginId, false);
            lookForMarkers();
            return views(pluginId);
        });
    }

    /** Stops a plugin, whose jar stays, until it is enabled again. */
    public CompletableFuture<List<PluginView>> disable(String pluginId) {
        return onThread(() -> {
            known(pluginId);
            DisabledMarker.set(dir, pluginId, true);
            lookForMarkers();
            return views(pluginId);
        });
    }

    /** Lets a plugin serve again. */
    public CompletableFuture<List<PluginView>> enable(String pluginId) {
        return onThread(() -> {
            JarSlot slot = known(pluginId);
            DisabledMarker.set(dir, pluginId, false);
            lookForMarkers();
            return settled(slot, pluginId, () -> {});
        });
    }

    /** Brings back the jar that served before the present one, or the last one of a plugin that was removed. */
    public CompletableFuture<List<PluginView>> rollback(String pluginId) {
        return onThread(() -> rollback(pluginId, "asked for"));
    }

    /** What happened, the oldest first; to one plugin, or to all. */
    public CompletableFuture<List<PluginChange>> history(Optional<String> pluginId) {
        return onThread(() -> CompletableFuture.completedFuture(records.history.list(pluginId)));
    }

    /** What is known of one plugin. */
    public CompletableFuture<Details> show(String pluginId) {
        return onThread(() -> {
            List<PluginChange> history = records.history.list(Optional.of(pluginId));
            if (history.isEmpty()) {
                known(pluginId);
            }
            return CompletableFuture.completedFuture(new Details(viewsNow(pluginId), history));
        });
    }

    /** Brings the roster to what the folder's markers say. On the plugin thread. */
    void lookForMarkers() {
        try {
            roster.disabled(DisabledMarker.in(dir));
        } catch (IOException e) {
            LOG.warn("the plugin folder {} cannot be read, what serves goes on: {}", dir, e.toString());
        }
    }

    private CompletableFuture<List<PluginView>> add(Path target, Path file, String pluginId)
            throws RefusedException, IOException {
        List<JarSlot> there = roster.slots().holding(pluginId);
        if (!there.isEmpty()) {
            throw badRequest(
                    "plugin " + pluginId + " is in the folder already, as " + name(there.get(0).file),
                    "replace it: jackfield plugins replace JAR");
        }
        if (Files.exists(target)) {
            throw badRequest("there is a file " + name(target) + " in the folder already", "give the jar another name");
        }
        String sha256 = Sha256.of(file);
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        roster.appeared(target, sha256, Kind.ADDED, "");
        return settled(roster.slots().find(target).orElseThrow(), pluginId, () -> {
            Files.deleteIfExists(target);
            roster.gone(target);
        });
    }

    private CompletableFuture<List<PluginView>> replace(JarSlot slot, Path file, String pluginId, Kind kind, String why)
            throws IOException {
        Path before = hidden.resolve("before-" + ++incoming + ".tmp");
        Files.copy(slot.file, before, StandardCopyOption.REPLACE_EXISTING);
        String sha256 = Sha256.of(file);
        Files.move(file, slot.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        roster.appeared(slot.file, sha256, kind, why);
        CompletableFuture<List<PluginView>> answer = settled(slot, pluginId, () -> {
            String restored = Sha256.of(before);
            Files.move(before, slot.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            roster.appeared(slot.file, restored, Kind.ADDED);
        });
        return answer.whenComplete((done, refused) -> delete(before));
    }

    private CompletableFuture<List<PluginView>> rollback(String pluginId, String why)
            throws RefusedException, IOException {
        List<JarSlot> there = roster.slots().holding(pluginId);
        String now = there.isEmpty() ? "" : there.get(0).sha256;
        for (PluginChange earlier : records.history.before(pluginId)) {
            Optional<Path> kept = records.jars.find(earlier.sha256());
            if (kept.isPresent() && !earlier.sha256().equals(now)) {
                Path file = copied(kept.get());
                return there.isEmpty()
                        ? restore(earlier, file)
                        : replace(there.get(0), file, pluginId, Kind.ROLLED_BACK, why);
            }
        }
        String cause = "no earlier jar of plugin " + pluginId + " is kept";
        if (there.isEmpty()) {
            throw new RefusedException(Failure.of(ErrorCode.NO_SUCH_PLUGIN, cause, "see: jackfield plugins history"));
        }
        throw badRequest(
                cause, "see: jackfield plugins history " + pluginId + "; or replace it with the jar that you have");
    }

    /** A plugin that was removed comes back under the name that it had. */
    private CompletableFuture<List<PluginView>> restore(PluginChange earlier, Path file)
            throws RefusedException, IOException {
        Path target = dir.resolve(earlier.file());
        if (Files.exists(target)) {
            throw badRequest(
                    "there is a file " + name(target) + " in the folder already", "give that file another name");
        }
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        roster.appeared(target, earlier.sha256(), Kind.ROLLED_BACK, "it had been removed");
        return settled(roster.slots().find(target).orElseThrow(), earlier.plugin(), () -> {
            Files.deleteIfExists(target);
            roster.gone(target);
        });
    }

    private Path write(byte[] jar) throws IOException {
        Path file = incomingFile();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            java.nio.ByteBuffer left = java.nio.ByteBuffer.wrap(jar);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        return file;
    }

    private Path copied(Path kept) throws IOException {
        return Files.copy(kept, incomingFile(), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path incomingFile() throws IOException {
        Files.createDirectories(hidden);
        return hidden.resolve("incoming-" + ++incoming + ".tmp");
    }

    private JarSlot known(String pluginId) throws RefusedException {
        return roster.slots().holding(pluginId).stream()
                .findFirst()
                .orElseThrow(() -> new RefusedException(Failure.of(
                        ErrorCode.NO_SUCH_PLUGIN,
                        "no jar in the folder holds plugin " + pluginId,
                        "see: jackfield plugins; a new one is added with jackfield plugins add JAR")));
    }

    private interface Undo {
        void run() throws IOException;
    }

    /** Completes when the slot's content serves or was refused; what was refused is undone. */
    private CompletableFuture<List<PluginView>> settled(JarSlot slot, String pluginId, Undo undo) {
        CompletableFuture<List<PluginView>> answer = new CompletableFuture<>();
        long attempt = slot.attempt;
        slot.whenSettled(refusal -> thread.execute(() -> {
            if (refusal.isEmpty()) {
                answer.complete(viewsNow(pluginId));
                return;
            }
            if (slot.attempt == attempt) {
                undo(undo);
            }
            answer.completeExceptionally(new RefusedException(refusal.get()));
        }));
        return answer;
    }

    private static void undo(Undo undo) {
        try {
            undo.run();
        } catch (IOException e) {
            LOG.error("a refused plugin could not be taken out of the folder again", e);
        }
    }

    private CompletableFuture<List<PluginView>> views(String pluginId) {
        return CompletableFuture.completedFuture(viewsNow(pluginId));
    }

    private List<PluginView> viewsNow(String pluginId) {
        return roster.views().stream()
                .filter(view -> view.id().equals(pluginId))
                .toList();
    }

    private <T> CompletableFuture<T> onThread(Command<T> command) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                CompletionStage<T> end = command.run();
                end.whenComplete((value, thrown) -> {
                    if (thrown == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(thrown);
                    }
                });
            } catch (PluginRefusedException e) {
                answer.completeExceptionally(new RefusedException(e.failure()));
            } catch (IOException e) {
                answer.completeExceptionally(new RefusedException(Failure.of(
                        ErrorCode.PLUGIN_UNREADABLE,
                        "the plugin folder cannot be changed: " + e,
                        "see its permissions")));
            } catch (RefusedException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays behind: {}", file, e.toString());
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static RefusedException badRequest(String cause, String hint) {
        return new RefusedException(Failure.of(ErrorCode.BAD_REQUEST, cause, hint));
    }
}
