package io.jackfield.broker.plugin;

import io.jackfield.broker.plugin.PluginChange.Kind;
import io.jackfield.host.PluginIdentity;
import io.jackfield.protocol.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A file in the plugin folder: what it serves now, what became of its present content. Owned by the plugin thread. */
final class JarSlot {
    final Path file;

    /** What serves, perhaps from earlier content of the file. */
    @Nullable
    Tenant tenant;

    /** Made from the present content, and on its way to take over from what serves. */
    @Nullable
    Candidate candidate;

    /** Of the present content; empty before that has been looked at, and where it cannot be. */
    Optional<PluginIdentity> identity = Optional.empty();

    String sha256 = "";

    /** Why the present content is not served. */
    Optional<Failure> refusal = Optional.empty();

    /** Why it stands back, in words; it is taken when what it wants is free. */
    Optional<String> standsBack = Optional.empty();

    /** What it would serve, as far as that is known. */
    List<String> services = List.of();

    /** What it waits for, in words: plugins that it depends on. */
    Optional<String> waitsFor = Optional.empty();

    /** Other plugins keep the present content from being served: it is looked at again when they change. */
    boolean keptOut;

    /** The group that was last begun for the present content: the same one would end the same way. */
    String tried = "";

    boolean disabled;
    boolean loading;

    /** The file is not there any more; its tenant serves until the same plugin has been loaded from another. */
    boolean gone;

    /** Numbers of what was begun: the later content of equal version goes before the earlier one. */
    long attempt;

    /** Why the present content is looked at. */
    Kind kind = Kind.ADDED;

    String why = "";

    private final List<Consumer<Optional<Failure>>> waiting = new ArrayList<>();

    /**
     * A generation that gets a share of the requests.
     *
     * @param formers the files whose generations get the rest
     * @param leaving these generations: a file may serve another one before the end
     */
    record Candidate(Tenant tenant, Replacement replacement, List<JarSlot> formers, List<Tenant> leaving) {
        /** It takes over from what the file serves now. */
        boolean replaces(JarSlot slot) {
            return slot.tenant != null && formers.contains(slot) && leaving.contains(slot.tenant);
        }
    }

    JarSlot(Path file) {
        this.file = file;
    }

    /** New content, or the same once more. */
    void begin(String newSha256, long newAttempt, Kind newKind, String newWhy) {
        sha256 = newSha256;
        attempt = newAttempt;
        kind = newKind;
        why = newWhy;
        identity = Optional.empty();
        standsBack = Optional.empty();
        waitsFor = Optional.empty();
        keptOut = false;
        tried = "";
        services = List.of();
        disabled = false;
        loading = false;
        gone = false;
    }

    /** Tells once what becomes of the content, if something does. */
    void whenSettled(Consumer<Optional<Failure>> told) {
        if (loading) {
            waiting.add(told);
        } else {
            told.accept(refusal);
        }
    }

    void settle(Optional<Failure> outcome) {
        loading = false;
        List<Consumer<Optional<Failure>>> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(told -> told.accept(outcome));
    }

    /** The present content is of that plugin. */
    boolean contains(String pluginId) {
        return identity.filter(known -> known.id().equals(pluginId)).isPresent();
    }

    /** So is it, or what serves of earlier content. */
    boolean holds(String pluginId) {
        return contains(pluginId) || (tenant != null && tenant.isOf(pluginId));
    }

    /** Of the present content and of what serves, as far as they are known. */
    List<PluginIdentity> identities() {
        Tenant serving = tenant;
        return serving == null
                ? identity.stream().toList()
                : Stream.concat(
                                identity.stream(),
                                Stream.of(serving.generation().identity()))
                        .distinct()
                        .toList();
    }

    /** The present content goes before that of the other: it is the later version, or of equal version and came later. */
    boolean outranks(JarSlot other) {
        int compared = identity.orElseThrow().compareVersion(other.identity.orElseThrow());
        return compared == 0 ? attempt > other.attempt : compared > 0;
    }

    /** What there is of the file: what serves, and what is to take over. */
    List<Shown> views() {
        Candidate ramping = candidate;
        if (ramping == null) {
            return List.of(view());
        }
        Shown rising = ramping.tenant().view("ramping", ramping.replacement().percent() + " % of the requests");
        return tenant == null ? List.of(rising) : List.of(view(), rising);
    }

    private Shown view() {
        String reason = waitsFor.or(() -> refusal.map(Failure::summary))
                .or(() -> standsBack)
                .orElse("");
        Tenant serving = tenant;
        if (serving != null) {
            return serving.view("serving", reason);
        }
        String name = String.valueOf(file.getFileName());
        String id = identity.map(PluginIdentity::id).orElse(name);
        String version = identity.map(PluginIdentity::version).orElse("");
        return new Shown(
                new PluginView(
                        id,
                        version,
                        state(),
                        0,
                        List.of(),
                        sha256,
                        name,
                        loading ? "" : reason,
                        identity.map(Tenant::dependencies).orElse(List.of()),
                        List.of(),
                        List.of()),
                List.of());
    }

    /** Of the present content, in a word. */
    String state() {
        if (loading) {
            return "loading";
        }
        if (disabled) {
            return "disabled";
        }
        if (waitsFor.isPresent()) {
            return "waiting";
        }
        return refusal.isPresent() ? "refused" : "standing-back";
    }
}
