package io.jackfield.broker.transport.zmtp;

import static io.jackfield.broker.transport.zmtp.Wire.COMMAND;
import static io.jackfield.broker.transport.zmtp.Wire.LONG;
import static io.jackfield.broker.transport.zmtp.Wire.MORE;
import static io.jackfield.broker.transport.zmtp.Wire.wire;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDecoderTest {
    private static final String LONG_TEXT = "x".repeat(300);

    /** Short, long and empty frames, one to three a message, commands between messages and inside one. */
    private static final byte[] TRAFFIC = wire().frame(0, "one")
            .frame(MORE, "")
            .frame(MORE, "two")
            .frame(0, "")
            .ping("between")
            .frame(MORE | LONG, LONG_TEXT)
            .ping("inside")
            .frame(LONG, "long form of a short frame")
            .frame(COMMAND | LONG, "\7UNKNOWN" + LONG_TEXT)
            .frame(0, "")
            .bytes();

    private static final List<List<String>> MESSAGES = List.of(
            List.of("one"), List.of("", "two", ""), List.of(LONG_TEXT, "long form of a short frame"), List.of(""));
    private static final List<String> COMMANDS =
            List.of("\4PING\0\0between", "\4PING\0\0inside", "\7UNKNOWN" + LONG_TEXT);

    @Test
    void shouldDecodeWhatComesInOneRead() throws ZmtpViolation {
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            assertEquals(0, rig.read(TRAFFIC));

            assertEquals(MESSAGES, rig.messages);
            assertEquals(COMMANDS, rig.commands);
            assertFalse(rig.decoder.inMessage());
        }
    }

    @Test
    void shouldDecodeTheSameWhereverTheReadsAreSplit() throws ZmtpViolation {
        for (int split = 0; split <= TRAFFIC.length; split++) {
            try (DecoderRig rig = DecoderRig.inTraffic()) {
                rig.read(Arrays.copyOfRange(TRAFFIC, 0, split));
                rig.read(Arrays.copyOfRange(TRAFFIC, split, TRAFFIC.length));

                assertEquals(MESSAGES, rig.messages, "split at " + split);
                assertEquals(COMMANDS, rig.commands, "split at " + split);
                assertEquals(0, rig.budget.usedBytes(), "split at " + split);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 64, 255, 256, 299})
    void shouldDecodeTheSameFromPiecesOfAnySize(int pieceBytes) throws ZmtpViolation {
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.readInPieces(TRAFFIC, pieceBytes);

            assertEquals(MESSAGES, rig.messages);
            assertEquals(COMMANDS, rig.commands);
        }
    }

    @Test
    void shouldTellOneBegunMessageFromTheNext() throws ZmtpViolation {
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.read(wire().frame(MORE, "a").bytes());
            long first = rig.decoder.partialMessages();
            rig.read(wire().frame(0, "b").header(0, 1).bytes());

            assertTrue(rig.decoder.inMessage());
            assertTrue(rig.decoder.partialMessages() > first);
        }
    }

    @Test
    void shouldStopAfterAMessageAndLeaveTheRest() throws ZmtpViolation {
        byte[] two = wire().frame(0, "a").frame(0, "b").bytes();
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.stopAfter = 1;
            assertEquals(3, rig.read(two));
            assertEquals(List.of(List.of("a")), rig.messages);

            rig.decoder.resume();
            rig.read(wire().frame(0, "b").bytes());
            assertEquals(List.of(List.of("a"), List.of("b")), rig.messages);
        }
    }

    @Test
    void shouldKeepWhatItHandsOverEvenIfThatEndsTheConnection() throws ZmtpViolation {
        byte[] message = wire().frame(MORE | LONG, LONG_TEXT).frame(0, "end").bytes();
        byte[] commandInMessage = wire().frame(MORE, "one")
                .frame(COMMAND | LONG, "\7UNKNOWN" + LONG_TEXT)
                .bytes();
        for (byte[] bytes : List.of(message, commandInMessage)) {
            try (DecoderRig rig = DecoderRig.inTraffic()) {
                rig.beforeReading = () -> {
                    rig.decoder.stop();
                    rig.decoder.release();
                    assertTrue(rig.budget.usedBytes() > 0, "the memory is given back while it is read");
                };
                rig.readInPieces(Arrays.copyOf(bytes, bytes.length - 1), 100);
                rig.read(Arrays.copyOfRange(bytes, bytes.length - 1, bytes.length));

                assertEquals(1, rig.messages.size() + rig.commands.size());
                assertEquals(0, rig.budget.usedBytes());
                assertEquals(0, rig.allocator.metric().usedDirectMemory());
            }
        }
    }

    @Test
    void shouldRefuseANegativeLength() {
        refuse(Refusal.BAD_FRAME, wire().header(LONG, -1).bytes());
        refuse(Refusal.BAD_FRAME, wire().header(LONG, Long.MIN_VALUE).bytes());
        refuse(Refusal.BAD_FRAME, wire().header(LONG | COMMAND, -9).bytes());
    }

    @Test
    void shouldRefuseAHugeLengthByItsHeaderAlone() {
        refuse(Refusal.FRAME_BYTES, wire().header(LONG, Long.MAX_VALUE).bytes());
        refuse(Refusal.FRAME_BYTES, wire().header(LONG | MORE, 1L << 32).bytes());
        refuse(
                Refusal.COMMAND_BYTES,
                wire().header(LONG | COMMAND, Long.MAX_VALUE).bytes());
    }

    @Test
    void shouldTakeAFrameOfExactlyTheLimit() throws ZmtpViolation {
        ZmtpLimits limits = ZmtpLimits.builder().frameBytesMax(1000).build();
        try (DecoderRig rig = DecoderRig.inTraffic(limits)) {
            rig.read(wire().frame(LONG, new byte[1000]).bytes());
            assertEquals(1, rig.messages.size());

            assertEquals(
                    "frame of 1001 bytes (expected: <= 1000)",
                    rig.refused(Refusal.FRAME_BYTES, wire().header(LONG, 1001).bytes()));
        }
    }

    @Test
    void shouldLimitTheFramesOfAMessageTogether() throws ZmtpViolation {
        ZmtpLimits limits = ZmtpLimits.builder().messageBytesMax(1000).build();
        byte[] most = wire().frame(LONG | MORE, new byte[600])
                .frame(LONG, new byte[400])
                .bytes();
        byte[] tooMuch =
                wire().frame(LONG | MORE, new byte[600]).header(LONG, 401).bytes();
        try (DecoderRig rig = DecoderRig.inTraffic(limits)) {
            rig.read(most);
            rig.readInPieces(most, 100);
            assertEquals(2, rig.messages.size());

            rig.refused(Refusal.MESSAGE_BYTES, tooMuch);
        }
        try (DecoderRig rig = DecoderRig.inTraffic(limits)) {
            rig.read(Arrays.copyOf(tooMuch, 500));
            rig.refused(Refusal.MESSAGE_BYTES, Arrays.copyOfRange(tooMuch, 500, tooMuch.length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000})
    void shouldRefuseAnEndlessMultipart(int pieceBytes) throws ZmtpViolation {
        ZmtpLimits limits = ZmtpLimits.builder().messageFramesMax(64).build();
        byte[] most = manyFrames(64);
        most[most.length - 2] = 0;
        try (DecoderRig rig = DecoderRig.inTraffic(limits)) {
            rig.readInPieces(most, pieceBytes);
            assertEquals(64, rig.messages.get(0).size());
            rig.readInPieces(manyFrames(64), pieceBytes);

            rig.refused(Refusal.MESSAGE_FRAMES, manyFrames(1));
        }
    }

    @Test
    void shouldRefuseBadFlags() {
        refuse(Refusal.BAD_FRAME, wire().frame(COMMAND | MORE, "\4PING\0\0").bytes());
        for (int flag = 0x08; flag <= 0x80; flag <<= 1) {
            refuse(Refusal.BAD_FRAME, wire().frame(flag, "a").bytes());
        }
    }

    @Test
    void shouldRefuseAMessageBeforeTheHandshakeIsComplete() throws ZmtpViolation {
        try (DecoderRig rig = new DecoderRig(ZmtpLimits.builder().build())) {
            rig.read(wire().frame(COMMAND, "\5READY").bytes());
            assertEquals(List.of("\5READY"), rig.commands);

            rig.refused(Refusal.BAD_FRAME, wire().header(0, 200).bytes());
        }
    }

    @Test
    void shouldNotAllocateOnTheWordOfADeclaredLength() throws ZmtpViolation {
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.read(wire().header(LONG, 16 << 20).bytes());
            assertTrue(rig.budget.usedBytes() <= 512, "charged: " + rig.budget.usedBytes());

            rig.read(new byte[100_000]);
            assertTrue(rig.budget.usedBytes() <= 4 * 100_009, "charged: " + rig.budget.usedBytes());
        }
    }

    @Test
    void shouldEndMessagesThatPassTheMemoryOfAllPeers() throws ZmtpViolation {
        ZmtpLimits limits = ZmtpLimits.builder().totalInputBytesMax(10_000).build();
        try (DecoderRig rig = DecoderRig.inTraffic(limits)) {
            rig.read(wire().header(LONG, 9_000).raw(new byte[5_000]).bytes());
            assertEquals(9_009, rig.budget.usedBytes());
            rig.read(new byte[4_000]);
            assertEquals(0, rig.budget.usedBytes());

            rig.refused(
                    Refusal.INPUT_BYTES,
                    wire().header(LONG, 20_000).raw(new byte[10_000]).bytes());
        }
    }

    @ParameterizedTest
    @CsvSource({"160, ''", "192, 96", "256, 128", "400, 200 300"})
    void shouldSayWhenHalfOfManyMessagesWasTaken(int messages, String parts) throws ZmtpViolation {
        Wire many = wire();
        for (int i = 0; i < messages; i++) {
            many.frame(0, "message");
        }
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.read(many.bytes());

            assertEquals(messages, rig.messages.size());
            assertEquals(parts, rig.manyTaken.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
    }

    /** With a scan from the first frame at every read this would take minutes. */
    @Test
    void shouldGatherALargeMessageInLinearTime() throws ZmtpViolation {
        byte[] message = wire().frame(LONG, new byte[16 << 20]).bytes();
        long before = System.nanoTime();
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.decoder.stop();
            rig.decoder.resume();
            rig.readInPieces(message, 64);
            assertEquals(16 << 20, rig.messages.get(0).get(0).length());
        }
        assertTrue(System.nanoTime() - before < 20_000_000_000L);
    }

    private static void refuse(Refusal refusal, byte[] bytes) {
        try (DecoderRig rig = DecoderRig.inTraffic()) {
            rig.refused(refusal, bytes);
        }
        for (int split = 1; split < bytes.length; split++) {
            byte[] head = Arrays.copyOf(bytes, split);
            try (DecoderRig rig = DecoderRig.inTraffic()) {
                rig.read(head);
                rig.refused(refusal, Arrays.copyOfRange(bytes, split, bytes.length));
            } catch (ZmtpViolation earlier) {
                assertEquals(refusal, earlier.refusal());
            }
        }
    }

    private static byte[] manyFrames(int count) {
        Wire frames = wire();
        for (int i = 0; i < count; i++) {
            frames.frame(MORE, "");
        }
        return frames.bytes();
    }
}
