package io.jackfield.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ObjectsTest {
    private static final ObjectBodies BODIES =
            new ObjectBodies(1 << 20, types -> types.add(Order.class, 100).add(Receipt.class, 101));

    private static final Duration LONG = Duration.ofSeconds(30);

    /** What is asked. */
    public record Order(String item, int count) {}

    /** What is answered. */
    public record Receipt(String item, long cents) {}

    @Test
    void shouldServeObjectsAndRefuseWhatIsNone() throws Exception {
        try (FakeBroker broker = new FakeBroker();
                Worker worker = Worker.connect(broker.endpoint())
                        .objects(
                                "price",
                                Order.class,
                                BODIES,
                                (order, context) -> new Receipt(order.item(), 250L * order.count()))
                        .start()) {
            broker.welcome();
            broker.send(Jf1Message.request(1, "price", kryo(), List.of(BODIES.encode(new Order("tea", 3))))
                    .withFlags(Flags.OBJECT));

            Jf1Message reply = broker.receive(Command.REPLY);
            assertTrue(reply.isObject());
            assertEquals(new Receipt("tea", 750), BODIES.decode(reply.body().get(0), Receipt.class));

            broker.send(Jf1Message.request(2, "price", Headers.EMPTY, List.of(ByteBuffer.allocate(3))));
            assertEquals(
                    ErrorCode.BAD_REQUEST,
                    broker.receive(Command.FAILURE).failure().code());
            broker.send(Jf1Message.request(3, "price", kryo(), List.of(ByteBuffer.wrap(new byte[] {1, 2, 3})))
                    .withFlags(Flags.OBJECT));
            assertEquals(
                    ErrorCode.BAD_REQUEST,
                    broker.receive(Command.FAILURE).failure().code());
            assertTrue(worker.inFlight() <= 1);
        }
    }

    /** What a client knew before orders had notes. */
    public record OldOrder(String item, int count) {}

    /** What the worker knows. */
    public record NewOrder(String item, int count, String note) {}

    @Test
    void shouldServeAClientThatDoesNotKnowAFieldYet() throws Exception {
        ObjectBodies ofClient = new ObjectBodies(1 << 20, types -> types.addEvolving(OldOrder.class, 100));
        ObjectBodies ofWorker = new ObjectBodies(1 << 20, types -> types.addEvolving(NewOrder.class, 100));
        try (FakeBroker broker = new FakeBroker();
                Worker worker = Worker.connect(broker.endpoint())
                        .objects(
                                "order",
                                NewOrder.class,
                                ofWorker,
                                (order, context) ->
                                        new NewOrder(order.item(), order.count() + 1, "had " + order.note()))
                        .start()) {
            broker.welcome();
            broker.send(Jf1Message.request(1, "order", kryo(), List.of(ofClient.encode(new OldOrder("tea", 3))))
                    .withFlags(Flags.OBJECT));

            ByteBuffer answer = broker.receive(Command.REPLY).body().get(0);

            assertEquals(new OldOrder("tea", 4), ofClient.decode(answer, OldOrder.class));
            assertEquals(new NewOrder("tea", 4, "had null"), ofWorker.decode(answer, NewOrder.class));
            assertTrue(worker.inFlight() <= 1);
        }
    }

    @Test
    void shouldAskWithObjectsAndSayWhenTheAnswerIsNone() throws Exception {
        try (FakeBroker broker = new FakeBroker();
                Client client = Client.of(broker.endpoint()).liveness(30).connect()) {
            ObjectClient objects = new ObjectClient(client, BODIES);
            CompletableFuture<Receipt> answer = objects.send("price", new Order("tea", 3), Receipt.class, LONG);
            Jf1Message request = broker.receive(Command.REQUEST);
            assertTrue(request.isObject());
            assertEquals(new Order("tea", 3), BODIES.decode(request.body().get(0), Order.class));
            broker.send(Jf1Message.reply(
                    request.id(), Flags.OBJECT, kryo(), List.of(BODIES.encode(new Receipt("tea", 750)))));
            assertEquals(new Receipt("tea", 750), answer.get(20, TimeUnit.SECONDS));

            CompletableFuture<Receipt> hostile = objects.send("price", new Order("tea", 3), Receipt.class, LONG);
            request = broker.receive(Command.REQUEST);
            byte[] bytes = {33, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7};
            broker.send(Jf1Message.reply(request.id(), Flags.OBJECT, kryo(), List.of(ByteBuffer.wrap(bytes))));
            ExecutionException thrown = assertThrows(ExecutionException.class, () -> hostile.get(20, TimeUnit.SECONDS));
            assertEquals(
                    ErrorCode.BAD_MESSAGE,
                    assertInstanceOf(RequestFailedException.class, thrown.getCause())
                            .code());
        }
    }

    /** What the worker makes of it. */
    public record Sound(String item) {}

    /** What the client cannot make. */
    public record Fragile(String item) {
        static final int NEVER = Integer.parseInt("no number");
    }

    @Test
    void shouldEndACallWhoseAnswerCannotBeMadeForWhateverReason() throws Exception {
        ObjectBodies ofClient =
                new ObjectBodies(1 << 20, types -> types.add(Order.class, 100).addEvolving(Fragile.class, 101));
        ObjectBodies ofWorker = new ObjectBodies(1 << 20, types -> types.addEvolving(Sound.class, 101));
        try (FakeBroker broker = new FakeBroker();
                Client client = Client.of(broker.endpoint()).liveness(30).connect()) {
            ObjectClient objects = new ObjectClient(client, ofClient);
            CompletableFuture<Fragile> answer = objects.send("price", new Order("tea", 3), Fragile.class, LONG);
            Jf1Message request = broker.receive(Command.REQUEST);

            broker.send(
                    Jf1Message.reply(request.id(), Flags.OBJECT, kryo(), List.of(ofWorker.encode(new Sound("tea")))));

            ExecutionException thrown = assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
            assertInstanceOf(LinkageError.class, thrown.getCause());
        }
    }

    private static Headers kryo() {
        return Headers.of(Headers.CONTENT_TYPE, Headers.CONTENT_TYPE_KRYO);
    }
}
