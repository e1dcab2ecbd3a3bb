package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.greeting;
import static io.jackfield.broker.transport.zmtp.Wire.ready;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.SocketType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HandshakeTest {
    @Test
    void shouldSendAGreetingOf31WithNullInTwoParts() {
        assertEquals("ff 00 00 00 00 00 00 00 01 7f", HexFormat.ofDelimiter(" ").formatHex(Greeting.signature()));
        byte[] rest = Greeting.afterSignature("NULL");

        assertEquals(54, rest.length);
        assertEquals(3, rest[0]);
        assertEquals(1, rest[1]);
        assertEquals("NULL" + "\0".repeat(16 + 1 + 31), new String(rest, 2, 52, ISO_8859_1));
    }

    @Test
    void shouldReadAGreetingThatComesByteByByte() throws ZmtpViolation {
        byte[] bytes = greeting(3, 0, "CURVE");
        Greeting greeting = new Greeting();
        for (int i = 0; i < bytes.length - 1; i++) {
            assertFalse(greeting.read(Unpooled.wrappedBuffer(bytes, i, 1)));
        }

        assertTrue(greeting.read(Unpooled.wrappedBuffer(bytes, 63, 1)));
        assertEquals("CURVE", greeting.mechanism());
        assertEquals(0, greeting.minor());
    }

    @Test
    void shouldLeaveWhatFollowsTheGreeting() throws ZmtpViolation {
        ByteBuf chunk = Unpooled.wrappedBuffer(greeting(), new byte[] {4, 0});

        assertTrue(new Greeting().read(chunk));
        assertEquals(2, chunk.readableBytes());
    }

    @Test
    void shouldRefuseOtherProtocolsAtTheirFirstWrongByte() {
        refuseGreeting(Refusal.NOT_ZMTP, "G".getBytes(ISO_8859_1));
        refuseGreeting(Refusal.NOT_ZMTP, new byte[] {1, 0}); // ZMTP 1: a frame of an anonymous peer
        refuseGreeting(Refusal.NOT_ZMTP, new byte[] {(byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0});
        refuseGreeting(Refusal.OLD_VERSION, Arrays.copyOf(greeting(1, 0, ""), 11)); // ZMTP 2 says 1
        refuseGreeting(Refusal.OLD_VERSION, Arrays.copyOf(greeting(2, 0, ""), 11));
    }

    @Test
    void shouldTakeLaterVersions() throws ZmtpViolation {
        assertTrue(new Greeting().read(Unpooled.wrappedBuffer(greeting(3, 9, "NULL"))));
        assertTrue(new Greeting().read(Unpooled.wrappedBuffer(greeting(4, 0, "NULL"))));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadEverySocketType(SocketType type) throws ZmtpViolation {
        assertEquals(type, peer(ready("Socket-Type", type.name())).socketType());
    }

    @Test
    void shouldReadPropertiesInAnyCaseAndOrderAndKeepTheIdentity() throws ZmtpViolation {
        Metadata peer = peer(ready("X-Other", "", "identity", "me", "SOCKET-TYPE", "DEALER", "Identity", "not me"));

        assertEquals(SocketType.DEALER, peer.socketType());
        assertEquals("me", ISO_8859_1.decode(peer.identity()).toString());
    }

    @Test
    void shouldTakeAReadyWithoutIdentity() throws ZmtpViolation {
        assertEquals(0, peer(ready("Socket-Type", "REQ")).identity().remaining());
    }

    @Test
    void shouldRefuseAReadyWithoutSocketType() {
        assertEquals("READY without Socket-Type", refuse(Refusal.BAD_COMMAND, ready("Identity", "me")));
        refuse(Refusal.BAD_COMMAND, ready());
    }

    @Test
    void shouldRefuseAnUnknownSocketTypeWithAnError() {
        assertTrue(Refusal.WRONG_SOCKET_TYPE.permanent());
        assertEquals(
                "socket type GATHER? is not known here",
                refuse(Refusal.WRONG_SOCKET_TYPE, ready("Socket-Type", "GATHER\n")));
        refuse(Refusal.WRONG_SOCKET_TYPE, ready("Socket-Type", "req"));
        refuse(Refusal.WRONG_SOCKET_TYPE, ready("Socket-Type", ""));
        refuse(Refusal.WRONG_SOCKET_TYPE, ready("Socket-Type", "R".repeat(5_000)));
    }

    @Test
    void shouldRefuseAReadyThatIsCutOffAnywhere() {
        byte[] whole = ready("Socket-Type", "DEALER");
        for (int length = 0; length < whole.length; length++) {
            refuse(Refusal.BAD_COMMAND, Arrays.copyOf(whole, length));
        }
    }

    @Test
    void shouldRefuseHostileLengthsInAReady() {
        byte[] huge = ready("Socket-Type", "DEALER");
        ByteBuffer.wrap(huge).putInt(6 + 12, Integer.MAX_VALUE);
        refuse(Refusal.BAD_COMMAND, huge);
        ByteBuffer.wrap(huge).putInt(6 + 12, -1);
        refuse(Refusal.BAD_COMMAND, huge);
        refuse(Refusal.BAD_COMMAND, ready("", "value", "Socket-Type", "REQ"));
        refuse(Refusal.BAD_COMMAND, ready("Socket-Type", "REQ", "Identity", "i".repeat(256)));
        refuse(Refusal.BAD_COMMAND, new byte[] {0});
        refuse(Refusal.BAD_COMMAND, new byte[] {(byte) 200, 'R'});
    }

    @Test
    void shouldRefuseOtherCommandsBeforeReady() {
        refuse(Refusal.BAD_COMMAND, "\4PING\0\0".getBytes(ISO_8859_1));
        refuse(Refusal.BAD_COMMAND, "\5HELLO".getBytes(ISO_8859_1));
        assertEquals(
                "ERROR from the peer: no?way",
                refuse(Refusal.REFUSED_BY_PEER, "\5ERROR\6no\nway".getBytes(ISO_8859_1)));
        refuse(Refusal.REFUSED_BY_PEER, "\5ERROR".getBytes(ISO_8859_1));
    }

    @Test
    void shouldAnswerWithReadyAndTheSocketType() {
        assertArrayEquals(ready("Socket-Type", "ROUTER"), new NullMechanism().ready(SocketType.ROUTER));
    }

    @Test
    void shouldCutAnErrorsReasonToItsOneByteLength() {
        assertEquals(1 + 5 + 1 + 255, Command.error("e".repeat(1000)).length);
        assertArrayEquals("\5ERROR\2no".getBytes(ISO_8859_1), Command.error("no"));
    }

    private static Metadata peer(byte[] command) throws ZmtpViolation {
        return new NullMechanism().next(ByteBuffer.wrap(command)).peer().orElseThrow();
    }

    private static String refuse(Refusal refusal, byte[] command) {
        ZmtpViolation violation =
                assertThrows(ZmtpViolation.class, () -> new NullMechanism().next(ByteBuffer.wrap(command)));
        assertEquals(refusal, violation.refusal(), violation.reason());
        return violation.detail();
    }

    private static void refuseGreeting(Refusal refusal, byte[] bytes) {
        ZmtpViolation violation =
                assertThrows(ZmtpViolation.class, () -> new Greeting().read(Unpooled.wrappedBuffer(bytes)));
        assertEquals(refusal, violation.refusal(), violation.reason());
    }
}
