package io.jackfield.protocol.kryo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.ByteBufferInput;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.jackfield.protocol.Jf1Message;
import io.jackfield.protocol.KryoFraming;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.Vector;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kryo itself against the golden vectors, and against the reader that does without it. */
final class KryoMessageSerializerTest {
    /** What only a reader of whole frames can see, or Kryo sees otherwise: its ids may have two bytes, and 0 is null. */
    private static final Set<String> ABOUT_THE_FRAME = Set.of(
            "trailing-byte",
            "trailing-bytes-after-heartbeat",
            "part-count-1-with-two-parts",
            "two-frames",
            "a-second-message-as-second-frame",
            "class-id-null",
            "class-id-in-two-bytes");

    private final Kryo kryo = kryo();

    static Stream<Vector> valid() {
        return Vector.read("jf1-kryo.txt").stream();
    }

    static Stream<Vector> invalid() {
        return Vector.read("jf1-invalid.txt").stream()
                .filter(vector -> vector.text("framing").equals("kryo"))
                .filter(vector -> !ABOUT_THE_FRAME.contains(vector.text("vector")));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldWriteTheBytesOfTheVectorWithKryo(Vector vector) {
        assertEquals(vector.text("frame"), HexFormat.of().formatHex(write(vector.message())));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldReadWhatKryoWroteWithoutKryo(Vector vector) throws ProtocolException {
        assertEquals(vector.message(), KryoFraming.decode(ByteBuffer.wrap(write(vector.message()))));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldReadTheBytesOfTheVectorWithKryo(Vector vector) {
        ByteBuffer frame = vector.bytes("frame").get(0);
        ByteBuffer direct = ByteBuffer.allocateDirect(frame.remaining())
                .put(frame.duplicate())
                .flip();

        assertEquals(vector.message(), kryo.readClassAndObject(BoundedInput.over(frame)));
        assertEquals(vector.message(), kryo.readClassAndObject(BoundedInput.over(frame.asReadOnlyBuffer())));
        assertEquals(
                vector.message(),
                kryo.readClassAndObject(new Input(HexFormat.of().parseHex(vector.text("frame")))));
        assertEquals(vector.message(), kryo.readClassAndObject(new ByteBufferInput(direct)));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldReadWithKryoWhatWasWrittenWithoutIt(Vector vector) {
        ByteBuffer frame = KryoFraming.encode(vector.message());

        assertEquals(vector.message(), kryo.readClassAndObject(BoundedInput.over(frame)));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void shouldRefuseInvalidVectorsWithKryoToo(Vector vector) {
        ByteBuffer frame = vector.bytes("frame").get(0);

        assertThrows(KryoException.class, () -> kryo.readClassAndObject(BoundedInput.over(frame)));
    }

    @Test
    void shouldLeaveWhatFollowsToTheNextRead() {
        Output output = new Output(64, -1);
        kryo.writeClassAndObject(output, Jf1Message.heartbeat(true));
        kryo.writeClassAndObject(output, Jf1Message.drain(7));
        kryo.writeClassAndObject(output, "text");
        Input input = new Input(output.toBytes());
        ByteBufferInput buffered = new ByteBufferInput(output.toBytes());

        for (Input each : new Input[] {input, buffered}) {
            assertEquals(Jf1Message.heartbeat(true), kryo.readClassAndObject(each));
            assertEquals(Jf1Message.drain(7), kryo.readClassAndObject(each));
            assertEquals("text", kryo.readClassAndObject(each));
            assertTrue(each.end());
        }
    }

    @Test
    void shouldShareNothingWithTheBufferOfKryo() {
        Vector vector = valid().filter(each -> each.text("vector").equals("request"))
                .findFirst()
                .orElseThrow();
        byte[] frame = write(vector.message());

        Object message = kryo.readClassAndObject(new Input(frame));
        Arrays.fill(frame, (byte) 0);

        assertEquals(vector.message(), message);
    }

    @Test
    void shouldRefuseAStreamAndReferences() {
        byte[] frame = write(Jf1Message.heartbeat(true));
        Input stream = new Input(new ByteArrayInputStream(frame));
        Kryo referring = new Kryo();
        referring.setReferences(true);

        assertThrows(KryoException.class, () -> kryo.readClassAndObject(stream));
        assertThrows(IllegalArgumentException.class, () -> KryoMessageSerializer.register(referring));
        assertNull(kryo.readClassAndObject(new Input(new byte[] {0})));
    }

    private byte[] write(Jf1Message message) {
        Output output = new Output(64, -1);
        kryo.writeClassAndObject(output, message);
        return output.toBytes();
    }

    private static Kryo kryo() {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(true);
        KryoMessageSerializer.register(kryo);
        return kryo;
    }
}
