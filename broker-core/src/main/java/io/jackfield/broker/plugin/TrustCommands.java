package io.jackfield.broker.plugin;

import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.host.TrustedJars;
import io.jackfield.host.TrustedJars.Entry;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What people may do to the list of trusted jars. A jar that waits in the folder because it was not trusted is loaded when it is, whoever
 * wrote the list; to take one out of the list does not stop what serves. Called on any thread; works on the plugin thread.
 */
public final class TrustCommands {
    private final TrustedJars trust;
    private final Roster roster;
    private final Executor thread;
    private final AtomicBoolean looking = new AtomicBoolean();

    TrustCommands(TrustedJars trust, Roster roster, Executor thread) {
        this.trust = trust;
        this.roster = roster;
        this.thread = thread;
    }

    private interface Change {
        void make() throws IOException, RefusedException;
    }

    /** Every jar that is trusted; fails where every jar is. */
    public CompletableFuture<List<Entry>> list() {
        return changed(() -> {});
    }

    /** Trusts a jar from now on: its SHA-256, a space, and what people call it. */
    public CompletableFuture<List<Entry>> add(String text) {
        String[] words = text.split("\\s+", 2);
        String name = words.length < 2 ? "" : words[1];
        return changed(() -> trust.add(new Entry(sha256(words[0]), name)));
    }

    /** Does not trust a jar any more: its SHA-256. */
    public CompletableFuture<List<Entry>> remove(String text) {
        return changed(() -> {
            if (!trust.remove(sha256(text))) {
                throw badRequest("SHA-256 " + text + " is not in the list", "see: jackfield plugins trust --list");
            }
        });
    }

    /** Somebody else may have changed the list. */
    void look() {
        if (looking.compareAndSet(false, true)) {
            thread.execute(() -> {
                looking.set(false);
                roster.trustChanged(trust);
            });
        }
    }

    private CompletableFuture<List<Entry>> changed(Change change) {
        CompletableFuture<List<Entry>> answer = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                if (trust.file().isEmpty()) {
                    throw badRequest(
                            "plugins.trust is off: every jar is trusted", "name a file there, and start again");
                }
                change.make();
                roster.trustChanged(trust);
                answer.complete(trust.entries());
            } catch (IOException e) {
                answer.completeExceptionally(new RefusedException(Failure.of(
                        ErrorCode.CONFIG_INVALID, "the list of trusted jars: " + e.getMessage(), "mend that file")));
            } catch (RefusedException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static String sha256(String text) throws RefusedException {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!Entry.isSha256(lower)) {
            throw badRequest("SHA-256: " + text + " (expected: 64 hexadecimal digits)", "see: sha256sum JAR");
        }
        return lower;
    }

    private static RefusedException badRequest(String cause, String hint) {
        return new RefusedException(Failure.of(ErrorCode.BAD_REQUEST, cause, hint));
    }
}
