package io.jackfield.plugins.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.CallListener;
import io.jackfield.host.Declared;
import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.protocol.Failure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar, loaded as a broker loads it. */
final class EchoIT {

    private static final Path JAR = Path.of(Objects.requireNonNull(System.getProperty("plugin.jar")));

    @Test
    void shouldGiveBackPartsAndContentType(@TempDir Path work) throws Exception {
        try (PluginHost host = PluginHost.open(PluginHostSettings.defaults(work))) {
            Generation generation = host.load(JAR, Optional.empty());
            HostedHandler echo = generation.handlers().get(0);
            int processors = Runtime.getRuntime().availableProcessors();
            assertEquals(new Declared("echo", "1", 0, processors, true, true), echo.declared());
            assertEquals("echo", generation.pluginId());
            assertEquals(1, generation.handlers().size());

            List<ByteBuffer> parts = List.of(utf8("one"), utf8(""), utf8("two"));
            Map<String, String> headers = Map.of("content-type", "x/y", "other", "z");
            List<Object> ends = new ArrayList<>();
            long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            echo.executor().execute(Request.of("echo", parts, headers), deadlineNs, new Collecting(ends));
            echo.executor().drain().get(1, TimeUnit.MINUTES);

            assertEquals(1, ends.size());
            Reply reply = (Reply) ends.get(0);
            assertEquals(parts, reply.parts());
            assertEquals(Map.of("content-type", "x/y"), reply.headers());
            generation.unload();
        }
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private record Collecting(List<Object> ends) implements CallListener {
        @Override
        public void partial(Reply reply) {
            ends.add("partial");
        }

        @Override
        public void complete(Reply reply) {
            ends.add(reply);
        }

        @Override
        public void fail(Failure failure) {
            ends.add(failure);
        }
    }
}
