package io.jackfield.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ObjectsTest {
    private static final ObjectBodies BODIES =
            new ObjectBodies(1 << 20, types -> types.add(Order.class, 100).add(Receipt.class, 101));

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

    private static Headers kryo() {
        return Headers.of(Headers.CONTENT_TYPE, Headers.CONTENT_TYPE_KRYO);
    }
}
