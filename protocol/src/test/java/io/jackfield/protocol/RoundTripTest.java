package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Any message that can be made survives both framings. */
final class RoundTripTest {
    private static final int SEEDS = 2000;

    @Test
    void shouldDecodeWhatWasEncodedForAnyMessage() throws ProtocolException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Jf1Message message = new RandomMessages(seed).next();
            String where = "seed " + seed + ": " + message;
            assertEquals(message, KryoFraming.decode(KryoFraming.encode(message)), where);
            if (!message.isObject()) {
                assertEquals(message, RawFraming.decode(RawFraming.encode(message)), where);
            }
        }
    }

    @Test
    void shouldGatherTheSameBytesAsItEncodes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Jf1Message message = new RandomMessages(seed).next();
            StringBuilder gathered = new StringBuilder();
            VectorsTest.hex(KryoFraming.gather(message)).forEach(hex -> gathered.append(hex.equals("-") ? "" : hex));
            assertEquals(
                    VectorsTest.hex(List.of(KryoFraming.encode(message))),
                    List.of(gathered.toString()),
                    "seed " + seed);
        }
    }

    @Test
    void shouldDecodeWhatWasEncodedForAnyDeclaration() throws ProtocolException {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomMessages random = new RandomMessages(seed);
            ServiceDeclaration declaration = random.declaration();
            assertEquals(declaration, ServiceDeclaration.decode(declaration.encode()), "seed " + seed);
        }
    }

    /** Messages with every field used that the command allows. */
    private static final class RandomMessages {
        private static final String TEXT = "abcxyz019-.:=é日ß\uD83D\uDD0C";

        private final SplittableRandom random;

        RandomMessages(long seed) {
            random = new SplittableRandom(seed);
        }

        Jf1Message next() {
            List<Command> commands = List.of(Command.values());
            Command command = commands.get(random.nextInt(commands.size()));
            int flags = random.nextInt(16) & command.flagsAllowed();
            if (Flags.has(flags, Flags.PARTIAL)) {
                flags &= ~Flags.EARLY_EXIT;
            }
            FixedHeader header = new FixedHeader(
                    command,
                    flags,
                    command.uses(Field.CODE) ? random.nextInt(1, 65536) : 0,
                    command.uses(Field.ID) ? random.nextLong() | 1 : 0,
                    command.uses(Field.TIME) ? random.nextLong(1L << 32) : 0,
                    count(command));
            boolean single = command == Command.FAILURE || Flags.has(flags, Flags.OBJECT);
            return Jf1Message.of(
                    header,
                    command.uses(Field.SERVICE) ? name() : "",
                    command.uses(Field.HEADERS) ? headers() : Headers.EMPTY,
                    command.uses(Field.BODY) ? body(command, single) : List.of());
        }

        ServiceDeclaration declaration() {
            return new ServiceDeclaration(name(), text(20), random.nextBoolean(), random.nextLong(1L << 32));
        }

        private int count(Command command) {
            if (command == Command.HEARTBEAT) {
                return random.nextInt(2);
            }
            return command.uses(Field.COUNT) ? random.nextInt(1, 65536) : 0;
        }

        private List<ByteBuffer> body(Command command, boolean single) {
            int parts = single || command == Command.WELCOME ? 1 : random.nextInt(1, 65);
            if (command == Command.WELCOME) {
                return List.of();
            }
            List<ByteBuffer> body = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
                body.add(part(command));
            }
            return body;
        }

        private ByteBuffer part(Command command) {
            if (command == Command.READY) {
                return declaration().encode();
            }
            if (command == Command.FAILURE) {
                return Utf8.encode(text(200));
            }
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes);
        }

        private Headers headers() {
            Map<String, String> headers = new LinkedHashMap<>();
            for (int i = random.nextInt(65); i > 0; i--) {
                headers.put("h" + random.nextInt(1000) + (random.nextBoolean() ? "." : "-"), text(20));
            }
            return Headers.of(headers);
        }

        private String name() {
            return "s" + text(60);
        }

        private String text(int charactersMax) {
            StringBuilder text = new StringBuilder();
            int[] characters = TEXT.codePoints().toArray();
            for (int i = random.nextInt(charactersMax); i > 0; i--) {
                text.appendCodePoint(characters[random.nextInt(characters.length)]);
            }
            return text.toString();
        }
    }
}
