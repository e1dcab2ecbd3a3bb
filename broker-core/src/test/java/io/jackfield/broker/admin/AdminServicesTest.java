package io.jackfield.broker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.Dispatcher;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AdminServicesTest {
    private final Dispatcher dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private final AdminServices admin = new AdminServices(dispatcher.routes(), new DirectMailbox());
    private final List<Object> heard = new ArrayList<>();
    private static final Envelope.Traits ADMINISTRATOR = new Envelope.Traits(0, false, false, false, true);

    record View(String name, int count) {}

    /** The loop is the test. */
    private record DirectMailbox() implements Mailbox {
        @Override
        public boolean post(Runnable command) {
            command.run();
            return true;
        }

        @Override
        public boolean onLoop() {
            return true;
        }
    }

    private void ask(String service) {
        ask(service, "");
    }

    private void ask(String service, String body) {
        ask(service, body, Envelope.Traits.NONE);
    }

    private void ask(String service, String body, Envelope.Traits traits) {
        Frames frames = Frames.of(body.getBytes(StandardCharsets.UTF_8));
        Envelope envelope = new Envelope(service, Headers.EMPTY, frames, traits, new ReplyRoute() {
            @Override
            public void partial(Reply reply) {
                heard.add("partial");
            }

            @Override
            public void complete(Reply reply) {
                heard.add(reply.headers() + " " + new String(reply.body().joined(), StandardCharsets.UTF_8));
            }

            @Override
            public void fail(Failure failure) {
                heard.add(failure);
            }
        });
        dispatcher.accept(envelope);
    }

    @Test
    void shouldAnswerWithWhatThereIsAtThatMoment() {
        List<View> views = new ArrayList<>();
        admin.add("things", () -> views);
        ask("jf.things");
        views.add(new View("a \"b\"", 1));
        ask("jf.things");

        assertEquals(
                List.of(
                        "content-type:application/json; {\"things\":[]}",
                        "content-type:application/json; {\"things\":[{\"name\":\"a \\\"b\\\"\",\"count\":1}]}"),
                heard);
    }

    @Test
    void shouldGiveALongListPageByPage() {
        admin.add("numbers", () -> IntStream.range(0, 2500).boxed().toList());
        ask("jf.numbers");
        ask("jf.numbers", "{\"from\": 1000}");
        ask("jf.numbers", "{\"from\":2000, \"other\": 1}");
        ask("jf.numbers", "{\"from\":999999999}");
        ask("jf.numbers", "{}");

        assertEquals(5, heard.size());
        assertPage(heard.get(0), "[0,", ",999],\"next\":1000}");
        assertPage(heard.get(1), "[1000,", ",1999],\"next\":2000}");
        assertPage(heard.get(2), "[2000,", ",2499]}");
        assertPage(heard.get(3), "[", "]}");
        assertPage(heard.get(4), "[0,", ",999],\"next\":1000}");
    }

    private static void assertPage(Object heard, String start, String end) {
        String page = heard.toString();
        assertTrue(page.contains("{\"numbers\":" + start), () -> page);
        assertTrue(page.endsWith(end), () -> page);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "one",
                "[]",
                "{\"from\":-1}",
                "{\"from\":\"1\"}",
                "{\"from\":1.5}",
                "{\"from\":99999999999}"
            })
    void shouldRefuseABodyThatIsNoRow(String body) {
        admin.add("numbers", () -> List.of(1));
        ask("jf.numbers", body);

        assertEquals(ErrorCode.BAD_REQUEST, ((Failure) heard.get(0)).code());
    }

    @Test
    void shouldTellTheAskerOfAViewThatFails() {
        admin.add("broken", () -> {
            throw new IllegalStateException("half a view");
        });
        admin.add("odd", Object::new);
        ask("jf.broken");
        ask("jf.odd");

        assertEquals(2, heard.size());
        for (Object one : heard) {
            Failure failure = (Failure) one;
            assertEquals(ErrorCode.INTERNAL_ERROR, failure.code());
            assertTrue(failure.cause().startsWith("the view "), failure::cause);
        }
    }

    @Test
    void shouldChangeNothingForWhomTheEndpointDoesNotPermitIt() {
        List<String> done = new ArrayList<>();
        admin.addChange("things.add", "things", asked -> {
            done.add(asked.text());
            return CompletableFuture.completedFuture(List.of(asked.text()));
        });
        ask("jf.things.add", "x", Envelope.Traits.NONE);
        assertEquals(List.of(), done);
        assertEquals(ErrorCode.NOT_PERMITTED, ((Failure) heard.remove(0)).code());

        ask("jf.things.add", " y\n", ADMINISTRATOR);
        assertEquals(List.of("y"), done);
        assertEquals(List.of("content-type:application/json; {\"things\":[\"y\"]}"), heard);
    }

    @Test
    void shouldTellTheAskerWhyACommandFailed() {
        CompletableFuture<List<String>> later = new CompletableFuture<>();
        admin.addQuestion("things.of", "things", asked -> later);
        admin.addQuestion("broken", "x", asked -> CompletableFuture.failedFuture(new IllegalStateException("odd")));
        ask("jf.things.of");
        assertEquals(List.of(), heard);
        later.completeExceptionally(new RefusedException(Failure.of(ErrorCode.NO_SUCH_PLUGIN, "no a", "add it")));
        ask("jf.broken");

        assertEquals(Failure.of(ErrorCode.NO_SUCH_PLUGIN, "no a", "add it"), heard.get(0));
        assertEquals(ErrorCode.INTERNAL_ERROR, ((Failure) heard.get(1)).code());
    }
}
