package io.jackfield.command.conformance;

import io.jackfield.api.Reply;
import io.jackfield.kit.Call;
import io.jackfield.kit.Client;
import io.jackfield.kit.RequestFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Sends what its standard input says, with the Java kit's client, and tells on its standard output what comes back. */
final class JavaClientAgent {
    private static final int FIXED_WORDS = 6;

    private final Client client;
    private final Map<String, CompletableFuture<Reply>> calls = new ConcurrentHashMap<>();

    private JavaClientAgent(Client client) {
        this.client = client;
    }

    static void run(List<String> endpoints) throws IOException {
        try (Client client = Client.of(endpoints.toArray(new String[0])).connect();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            JavaClientAgent agent = new JavaClientAgent(client);
            tell("ready");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                agent.obey(line.split(" ", -1));
            }
        }
    }

    private void obey(String[] words) {
        if (words[0].equals("cancel")) {
            CompletableFuture<Reply> call = calls.get(words[1]);
            if (call != null) {
                call.cancel(true);
            }
        } else {
            call(words);
        }
    }

    private void call(String[] words) {
        String tag = words[1];
        Call call = Call.of(words[2], Body.parts(words[5]))
                .withTimeout(Duration.ofMillis(Long.parseLong(words[3])))
                .onPartial(reply -> tell("part " + tag + " " + Body.told(reply.parts())));
        if (words[4].equals("i")) {
            call = call.asIdempotent();
        }
        for (int i = FIXED_WORDS; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            call = call.withHeader(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        CompletableFuture<Reply> sent = client.send(call);
        calls.put(tag, sent);
        CompletableFuture<Reply> unused = sent.whenComplete((reply, failure) -> ended(tag, reply, failure));
    }

    private void ended(String tag, @Nullable Reply reply, @Nullable Throwable failure) {
        calls.remove(tag);
        if (reply != null) {
            StringBuilder line = new StringBuilder("done ").append(tag);
            line.append(reply.earlyExit() ? " e " : " - ").append(Body.told(reply.parts()));
            reply.headers().forEach((name, value) -> {
                if (name.startsWith("x-")) {
                    line.append(' ').append(name).append('=').append(value);
                }
            });
            tell(line.toString());
        } else {
            tell("fail " + tag + " " + code(failure));
        }
    }

    private static int code(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause instanceof RequestFailedException failed) {
            return failed.code().number();
        }
        return cause instanceof java.util.concurrent.CancellationException
                ? io.jackfield.protocol.ErrorCode.CANCELLED.number()
                : 0;
    }

    private static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
