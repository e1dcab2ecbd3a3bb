package io.jackfield.broker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.dispatch.DispatchLimits;
import io.jackfield.broker.dispatch.Dispatcher;
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
import org.junit.jupiter.api.Test;

final class AdminServicesTest {
    private final Dispatcher dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private final AdminServices admin = new AdminServices(dispatcher.routes());
    private final List<Object> heard = new ArrayList<>();

    record View(String name, int count) {}

    private void ask(String service) {
        Envelope envelope =
                new Envelope(service, Headers.EMPTY, Frames.ONE_EMPTY, Envelope.Traits.NONE, new ReplyRoute() {
                    @Override
                    public void partial(Reply reply) {
                        heard.add("partial");
                    }

                    @Override
                    public void complete(Reply reply) {
                        heard.add(
                                reply.headers() + " " + new String(reply.body().joined(), StandardCharsets.UTF_8));
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
}
