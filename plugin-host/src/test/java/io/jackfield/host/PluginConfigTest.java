package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Request;
import io.jackfield.host.config.ConfigNode;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file's entries as records of real plugins. */
final class PluginConfigTest {

    private static final String RECORDS =
            "record Limits(@Setting(value = \"3\", min = \"0\", max = \"10\") int maxRetries, @Setting(value = \"2s\","
                    + " max = \"1m\") java.time.Duration timeout, @Setting(\"64KiB\") long bufferBytes, @Setting(\"fast\")"
                    + " Mode mode, String name, Optional<Double> ratio, List<Target> targets, Map<String, Boolean> flags,"
                    + " Inner inner) { Limits { if (name.equals(\"bad\")) { throw new IllegalArgumentException(\"name: bad"
                    + " (expected: good)\"); } } } enum Mode { FAST, VERY_SLOW } record Target(String host,"
                    + " @Setting(\"80\") int port) {} record Inner(@Setting(\"true\") boolean on) {}";
    private static final String HANDLER =
            "@Service(name = \"show\", config = Limits.class) public class Show implements Handler {"
                    + "public Reply handle(Request r, HandlerContext c) {"
                    + " if (r.text().equals(\"name\")) { return Reply.text(c.config(Limits.class).name()); }"
                    + " return Reply.text(c.config(Limits.class) + \" \" + new TreeMap<>(c.config())); } }";

    private static Path jar = Path.of("");

    private final PluginHost host;
    private final List<Generation> loaded = new ArrayList<>();
    private volatile ConfigNode config = ConfigNode.empty("f.yaml:1");
    private Runnable looked = () -> {};

    PluginConfigTest(@TempDir Path folder) throws IOException {
        host = PluginHost.open(
                PluginHostSettings.defaults(folder.resolve("work")).withConfig(id -> {
                    ConfigNode now = config;
                    looked.run();
                    return now;
                }));
    }

    @BeforeAll
    static void compile(@TempDir Path shared) throws IOException {
        jar = FixtureJar.plugin("p")
                .source("Limits", RECORDS)
                .extension("Show", HANDLER)
                .writeTo(shared);
    }

    @AfterEach
    void close() throws IOException {
        loaded.forEach(Generation::unload);
        host.close();
    }

    @Test
    void shouldBindWhatTheFileSaysAndDefaultsForTheRest() throws Exception {
        config = map("name", "n");
        assertEquals(
                "Limits[maxRetries=3, timeout=PT2S, bufferBytes=65536, mode=FAST, name=n, ratio=Optional.empty,"
                        + " targets=[], flags={}, inner=Inner[on=true]] {name=n}",
                show(load()));
    }

    @Test
    void shouldBindUnitsEnumsListsMapsAndRecordsWithinRecords() throws Exception {
        config = map(
                "name",
                "n",
                "max-retries",
                "10",
                "timeout",
                "1m",
                "buffer-bytes",
                "2MiB",
                "mode",
                "very-slow",
                "ratio",
                "0.5",
                "targets",
                ConfigNode.list("f:7", List.of(map("host", "a"), map("host", "b", "port", "81"))),
                "flags",
                map("x", "true"),
                "inner",
                map("on", "false"));

        assertEquals(
                "Limits[maxRetries=10, timeout=PT1M, bufferBytes=2097152, mode=VERY_SLOW, name=n, ratio=Optional[0.5],"
                        + " targets=[Target[host=a, port=80], Target[host=b, port=81]], flags={x=true},"
                        + " inner=Inner[on=false]] {buffer-bytes=2MiB, flags.x=true, inner.on=false, max-retries=10,"
                        + " mode=very-slow, name=n, ratio=0.5, targets.0.host=a, targets.1.host=b, targets.1.port=81,"
                        + " timeout=1m}",
                show(load()));
    }

    @Test
    void shouldNameFileLineKeyAndWhatWasExpectedOfEachProblem() {
        config = map(
                "max-retries",
                "11",
                "timeout",
                "2",
                "buffer-bytes",
                "64KB",
                "mode",
                "slow",
                "ratio",
                "x",
                "targets",
                "t",
                "flags",
                map("x", "yes"),
                "inner",
                map("of", "1"),
                "retires",
                "1");

        PluginRefusedException refusal = assertThrows(PluginRefusedException.class, this::load);

        assertEquals(ErrorCode.CONFIG_INVALID, refusal.failure().code());
        String path = "plugins.settings.p.config.";
        assertEquals(
                List.of(
                        "f.yaml:10: " + path + "retires: unknown key (expected: one of max-retries, timeout,"
                                + " buffer-bytes, mode, name, ratio, targets, flags, inner)",
                        "f.yaml:2: " + path
                                + "max-retries: 11 (expected: a whole number, or a size such as 64KiB, from 0 to 10)",
                        "f.yaml:3: " + path + "timeout: 2 (expected: a time such as 250ms, 5s, 2m or 1h to 1m)",
                        "f.yaml:4: " + path + "buffer-bytes: 64KB (expected: a whole number, or a size such as 64KiB,)",
                        "f.yaml:5: " + path + "mode: slow (expected: one of fast, very-slow)",
                        "f.yaml:1: " + path + "name: missing (expected: text)",
                        "f.yaml:6: " + path + "ratio: x (expected: a number)",
                        "f.yaml:7: " + path + "targets: t (expected: a list)",
                        "f.yaml:2: " + path + "flags.x: yes (expected: true or false)",
                        "f.yaml:2: " + path + "inner.of: unknown key (expected: one of on)"),
                List.of(refusal.failure().cause().split("; ")));
    }

    @Test
    void shouldLetTheAuthorsOwnRuleRefuse() {
        config = map("name", "bad");
        PluginRefusedException refusal = assertThrows(PluginRefusedException.class, this::load);
        assertEquals(
                "f.yaml:1: plugins.settings.p.config: name: bad (expected: good)",
                refusal.failure().cause());
    }

    @Test
    void shouldGiveRunningHandlersWhatFitsAndKeepTheFormerWhatDoesNot() throws Exception {
        config = map("name", "one");
        Generation generation = load();
        assertEquals(Map.of(), host.reconfigure());
        assertEquals("one", ask(generation, "name"));

        config = map("name", "two");
        assertEquals(Map.of(), host.reconfigure());
        assertEquals("two", ask(generation, "name"));

        config = map("name", "three", "mode", "?");
        assertEquals(
                Map.of("p", List.of("f.yaml:3: plugins.settings.p.config.mode: ? (expected: one of fast, very-slow)")),
                host.reconfigure());
        assertEquals("two", ask(generation, "name"));

        generation.unload();
        assertEquals(Map.of(), host.reconfigure());
        assertTrue(generation.awaitCollected(Duration.ofSeconds(30)));
    }

    /** The plugin has no record: nothing looks at the file once more. */
    @Test
    void shouldNotMissAReadingOfTheFileWhileAPluginIsLoaded(@TempDir Path folder) throws Exception {
        Path plain = FixtureJar.plugin("r")
                .handler("show", "return Reply.text(context.config().toString());")
                .writeTo(folder);
        config = map("name", "old");
        looked = () -> {
            looked = () -> {};
            config = map("name", "new");
            host.reconfigure();
        };

        Generation generation = host.load(plain, Optional.empty());
        loaded.add(generation);

        assertEquals("{name=new}", ask(generation, ""));
    }

    @Test
    void shouldRefuseRecordsThatNothingCanBeBoundTo(@TempDir Path folder) throws Exception {
        Path bad = FixtureJar.plugin("q")
                .source("Bad", "record Bad(Thread thread) {}")
                .handler(
                        "name = \"s\", config = Bad.class",
                        "implements Handler",
                        FixtureJar.handleMethod("return null;"))
                .writeTo(folder);
        config = map("thread", "main");

        PluginRefusedException refusal =
                assertThrows(PluginRefusedException.class, () -> host.load(bad, Optional.empty()));
        assertTrue(refusal.failure().cause().contains("cannot be bound to java.lang.Thread"), refusal::getMessage);
    }

    /** Each key on a line of its own, from line 2 on. */
    private static ConfigNode map(Object... keysAndValues) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String place = "f.yaml:" + (2 + i / 2);
            Object value = keysAndValues[i + 1];
            entries.put(
                    String.valueOf(keysAndValues[i]),
                    value instanceof ConfigNode node ? node : ConfigNode.text(place, String.valueOf(value)));
        }
        return ConfigNode.map("f.yaml:1", entries);
    }

    private Generation load() throws Exception {
        Generation generation = host.load(jar, Optional.empty());
        loaded.add(generation);
        return generation;
    }

    private static String show(Generation generation) throws Exception {
        return ask(generation, "all");
    }

    private static String ask(Generation generation, String what) throws Exception {
        Answer answer = new Answer();
        generation
                .handlers()
                .get(0)
                .executor()
                .execute(
                        Request.of("show", what.getBytes(StandardCharsets.UTF_8)),
                        System.nanoTime() + TimeUnit.SECONDS.toNanos(60),
                        answer);
        return answer.text();
    }
}
