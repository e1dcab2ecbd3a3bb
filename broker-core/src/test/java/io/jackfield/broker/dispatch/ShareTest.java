package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.broker.model.ReplyRoute;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.ServiceDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A worker that gets a share of the requests only. */
final class ShareTest {
    private final Dispatcher dispatcher = new Dispatcher(DispatchLimits.DEFAULT, Map.of(), 0);
    private final Inspection inspection = new Inspection(dispatcher);

    /** Answers when told to. */
    private final class Slow implements Worker {
        private final List<Long> has = new ArrayList<>();
        private final WorkerSession session;
        private int given;

        Slow(int credit, int percent) throws RefusedException {
            session = dispatcher.register(this, List.of(new ServiceDeclaration("s", "1", false, 0)), credit);
            session.share(percent);
            session.start();
        }

        @Override
        public String description() {
            return "slow";
        }

        @Override
        public void assign(Assignment assignment) {
            given++;
            has.add(assignment.token());
        }

        @Override
        public void cancel(Assignment assignment) {}

        @Override
        public void expel(Assignment assignment, String reason) {}

        void answer() {
            List<Long> all = List.copyOf(has);
            has.clear();
            all.forEach(token -> session.reply(token, Reply.of(Frames.ONE_EMPTY)));
        }
    }

    private void ask(int times) {
        for (int i = 0; i < times; i++) {
            dispatcher.accept(
                    new Envelope("s", Headers.EMPTY, Frames.ONE_EMPTY, Envelope.Traits.NONE, new ReplyRoute() {
                        @Override
                        public void partial(Reply reply) {}

                        @Override
                        public void complete(Reply reply) {}

                        @Override
                        public void fail(Failure failure) {}
                    }));
            inspection.check();
        }
    }

    private void askAndAnswer(int times, Slow... workers) {
        for (int i = 0; i < times; i++) {
            ask(1);
            for (Slow worker : workers) {
                worker.answer();
            }
        }
    }

    @Test
    void shouldGiveExactlyTheShare() throws Exception {
        for (int percent : new int[] {1, 10, 33, 50, 99}) {
            Slow former = new Slow(1, 100);
            Slow fresh = new Slow(1, percent);
            askAndAnswer(1000, former, fresh);
            assertEquals(10 * percent, fresh.given, percent + " %");
            former.session.lost("over");
            fresh.session.lost("over");
        }
    }

    @Test
    void shouldLetRequestsWaitRatherThanExceedTheShare() throws Exception {
        Slow former = new Slow(2, 100);
        Slow fresh = new Slow(100, 10);
        ask(30);
        assertEquals(2, former.given);
        assertEquals(0, fresh.given);

        for (int i = 0; i < 20; i++) {
            former.answer();
            inspection.check();
        }
        assertEquals(27, former.given);
        assertEquals(3, fresh.given);
    }

    @Test
    void shouldServeAloneWhereNobodyElseDoes() throws Exception {
        Slow former = new Slow(1, 100);
        Slow fresh = new Slow(100, 1);
        ask(5);
        assertEquals(0, fresh.given);
        former.session.drain(() -> former.session.lost("drained"));
        inspection.check();
        assertEquals(4, fresh.given);
        former.answer();
        ask(2);
        assertEquals(6, fresh.given);
    }

    @Test
    void shouldBeAWorkerLikeAnyOtherAtOneHundred() throws Exception {
        Slow former = new Slow(10, 100);
        Slow fresh = new Slow(10, 1);
        ask(10);
        assertEquals(10, former.given);
        fresh.session.share(100);
        inspection.check();
        ask(10);
        assertEquals(10, fresh.given);
        assertThrows(IllegalArgumentException.class, () -> fresh.session.share(0));
    }
}
