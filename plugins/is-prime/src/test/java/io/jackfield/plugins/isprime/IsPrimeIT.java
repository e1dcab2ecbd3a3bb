package io.jackfield.plugins.isprime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.CallListener;
import io.jackfield.host.Declared;
import io.jackfield.host.Generation;
import io.jackfield.host.HostedHandler;
import io.jackfield.host.PluginHost;
import io.jackfield.host.PluginHostSettings;
import io.jackfield.protocol.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar, loaded as a broker loads it. */
final class IsPrimeIT {

    private static final Path JAR = Path.of(Objects.requireNonNull(System.getProperty("plugin.jar")));

    @Test
    void shouldAnswerOnThreadsOfItsOwn(@TempDir Path work) throws Exception {
        try (PluginHost host = PluginHost.open(PluginHostSettings.defaults(work))) {
            Generation generation = host.load(JAR, Optional.empty());
            HostedHandler isPrime = generation.handlers().get(0);
            int processors = Runtime.getRuntime().availableProcessors();
            assertEquals(new Declared("is-prime", "1", 0, processors, true, false), isPrime.declared());

            assertEquals("Reply 32416190071", ask(isPrime, "possible_prime=32416190071"));
            assertTrue(ask(isPrime, "many").startsWith("BAD_REQUEST possible_prime: 'many' (expected: "));
            generation.unload();
        }
    }

    private static String ask(HostedHandler handler, String text) throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        Request request = Request.of("is-prime", text.getBytes(StandardCharsets.UTF_8));
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        handler.executor().execute(request, deadlineNs, new Telling(end));
        return end.get(1, TimeUnit.MINUTES);
    }

    private record Telling(CompletableFuture<String> end) implements CallListener {
        @Override
        public void partial(Reply reply) {
            end.complete("partial");
        }

        @Override
        public void complete(Reply reply) {
            end.complete("Reply " + new String(reply.body(), StandardCharsets.UTF_8));
        }

        @Override
        public void fail(Failure failure) {
            end.complete(failure.code() + " " + failure.cause());
        }
    }
}
