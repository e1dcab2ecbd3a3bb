package io.jackfield.broker.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchSnapshot.WorkerView;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.loop.Timers.Timer;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes to four real plugins: b needs an a before version 3, c needs b, d needs a and b. Whatever happens, what serves stands on what
 * serves, no request fails because of a replacement, and in the end just that serves which a simple model says.
 */
final class DependencyGraphTest {
    private static final int CHANGES = 30;
    private static final int VERSIONS = 3;
    private static final long LOOK_MS = 1;

    private static final Map<String, List<String>> NEEDS =
            new TreeMap<>(Map.of("a", List.of(), "b", List.of("a"), "c", List.of("b"), "d", List.of("a", "b")));

    @TempDir
    private static Path jars;

    private final Path dir;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** The model: the version that lies in the folder, and what is turned off. */
    private final Map<String, Integer> present = new TreeMap<>();

    private final Set<String> disabled = new TreeSet<>();

    DependencyGraphTest(@TempDir Path dir) {
        this.dir = dir;
    }

    @BeforeAll
    static void make() throws IOException {
        for (String id : NEEDS.keySet()) {
            for (int version = 1; version <= VERSIONS; version++) {
                FixtureJar jar = FixtureJar.plugin(id).version(version + ".0.0");
                StringBuilder says = new StringBuilder("\"" + id + version + "\"");
                List<String> needs = new ArrayList<>();
                for (String need : NEEDS.get(id)) {
                    needs.add(id.equals("b") ? need + "@<3.0.0" : need);
                    says.append(" + fixture.").append(need).append(".Is.it()");
                    jar.compiledAgainst(jar(need, 1));
                }
                for (String further : id.equals("c") ? List.of("a") : List.<String>of()) {
                    jar.compiledAgainst(jar(further, 1));
                }
                if (!needs.isEmpty()) {
                    jar.dependsOn(needs.toArray(String[]::new));
                }
                jar.source("Is", "public class Is { public static String it() { return " + says + "; } }")
                        .handler(id, "return Reply.text(Is.it());")
                        .writeTo(jars, id + "-" + version + ".jar");
            }
        }
    }

    private static Path jar(String id, int version) {
        return jars.resolve(id + "-" + version + ".jar");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20_260_721})
    void shouldServeJustWhatCanStandWhateverChanges(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> done = new ArrayList<>();
        try (Folder folder = new Folder(dir, 20_000).start()) {
            Timer looking = folder.bench.loop.every(LOOK_MS, () -> look(folder));
            for (int i = 0; i < CHANGES; i++) {
                done.add(change(folder, random));
                String story = "seed " + seed + ", after " + done;
                Bench.await(story + ": not quiet: " + folder.views(), () -> isQuiet(folder));
                assertEquals(expected(), answers(folder), () -> story + ": " + folder.views());
                assertTrue(wrong.isEmpty(), () -> story + ": " + wrong);
            }
            looking.close();
        }
    }

    private String change(Folder folder, Random random) throws Exception {
        String id = List.copyOf(NEEDS.keySet()).get(random.nextInt(NEEDS.size()));
        int version = 1 + random.nextInt(VERSIONS);
        if (!present.containsKey(id)) {
            return put(folder, id, version, "add");
        }
        return switch (random.nextInt(6)) {
            case 0 -> remove(folder, id);
            case 1 -> disabled.contains(id) ? enable(folder, id) : disable(folder, id);
            default -> put(folder, id, version, "replace");
        };
    }

    /** Adds or replaces; meanwhile all that serves goes on answering. */
    private String put(Folder folder, String id, int version, String command) throws Exception {
        byte[] jar = Files.readAllBytes(jar(id, version));
        List<String> serving = List.copyOf(expected().keySet());
        boolean fits = fits(id, version);
        String told = command + " " + id + version + (fits ? "" : ", refused");
        CompletableFuture<List<PluginView>> changed = command.equals("add")
                ? folder.commands().add(id + ".jar", jar)
                : folder.commands().replace(jar);
        do {
            for (String service : serving) {
                assertTrue(folder.bench.ask(service, "").isAnswered(), service + " fails during " + told);
            }
        } while (!changed.isDone());
        assertEquals(fits, isDone(changed), told + ", of " + present + " without " + disabled);
        if (fits) {
            present.put(id, version);
        }
        return told;
    }

    private String remove(Folder folder, String id) throws Exception {
        assertTrue(isDone(folder.commands().remove(id)));
        present.remove(id);
        disabled.remove(id);
        return "remove " + id;
    }

    private String disable(Folder folder, String id) throws Exception {
        assertTrue(isDone(folder.commands().disable(id)));
        disabled.add(id);
        return "disable " + id;
    }

    private String enable(Folder folder, String id) throws Exception {
        boolean done = isDone(folder.commands().enable(id));
        disabled.remove(id);
        assertEquals(fits(id, present.getOrDefault(id, 0)), done, "enable " + id + " of " + present);
        return "enable " + id;
    }

    private static boolean isDone(CompletableFuture<List<PluginView>> change) throws Exception {
        try {
            change.get(Asked.WAIT_S, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            assertEquals(
                    ErrorCode.PLUGIN_DEPENDENCY,
                    assertInstanceOf(RefusedException.class, e.getCause())
                            .failure()
                            .code(),
                    e::toString);
            return false;
        }
    }

    /** The model. */
    private boolean fits(String id, int version) {
        boolean off = disabled.contains(id);
        boolean forB = id.equals("b") && !off && serves("a") && present.getOrDefault("a", 0) == VERSIONS;
        boolean forA = id.equals("a") && !off && version == VERSIONS && serves("b");
        return !forB && !forA;
    }

    private boolean serves(String id) {
        boolean stands = present.containsKey(id)
                && !disabled.contains(id)
                && NEEDS.getOrDefault(id, List.of()).stream().allMatch(this::serves);
        return stands && !(id.equals("b") && present.getOrDefault("a", 0) == VERSIONS);
    }

    private String says(String id) {
        StringBuilder says = new StringBuilder(id + present.get(id));
        NEEDS.getOrDefault(id, List.of()).forEach(need -> says.append(says(need)));
        return says.toString();
    }

    /** What serves, with what it answers. */
    private Map<String, String> expected() {
        Map<String, String> expected = new TreeMap<>();
        NEEDS.keySet().stream().filter(this::serves).forEach(id -> expected.put(id, says(id)));
        return expected;
    }

    private static Map<String, String> answers(Folder folder) throws Exception {
        Map<String, String> answers = new TreeMap<>();
        for (String service : serving(folder.bench.snapshot().workers())) {
            answers.put(service, folder.ask(service, ""));
        }
        return answers;
    }

    private static Set<String> serving(List<WorkerView> workers) {
        Set<String> serving = new TreeSet<>();
        workers.stream().filter(worker -> !worker.draining()).forEach(worker -> serving.addAll(worker.services()));
        return serving;
    }

    /** On the loop, between any two of its turns. */
    private void look(Folder folder) {
        Set<String> serving = serving(folder.bench.dispatcher.snapshot().workers());
        for (String id : serving) {
            if (!serving.containsAll(NEEDS.getOrDefault(id, List.of()))) {
                wrong.add(id + " serves, and of what it needs only " + serving);
            }
        }
    }

    private static boolean isQuiet(Folder folder) {
        return folder.views().stream().noneMatch(view -> List.of("loading", "draining", "ramping", "stuck")
                .contains(view.state()));
    }
}
