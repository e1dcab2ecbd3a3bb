package io.jackfield.protocol.kryo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.esotericsoftware.kryo.io.Output;
import io.jackfield.protocol.Allocations;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Mutations;
import io.jackfield.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that would make a plain Kryo run out of memory or stack, or load classes that nobody registered. */
final class HostileObjectsTest {
    private static final int BYTES_MAX = 16 << 20;
    private static final int MUTATIONS = 2000;
    private static final int MANY = 50_000;
    private static final int FEW = 5000;
    /** Of what would take minutes. */
    private static final Duration SOON = Duration.ofSeconds(20);
    /** Exceptions with their traces: Kryo's have stacks. */
    private static final long BYTES_FIXED = 32 * 1024;
    /** An empty map takes two bytes on the wire, and two maps in memory while it is read. */
    private static final long BYTES_PER_BYTE = 128;

    private final ObjectBodies bodies = SampleTypes.bodies(BYTES_MAX);

    /** Kryo ids of everything that begins with a number of elements, bytes or characters. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                1, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46,
                47, 48, 49, 50, 51, 52, 60, 61, 64, 105, 106
            })
    void shouldRefuseLengthsThatTheBodyDoesNotHold(int kryoId) {
        for (int length :
                new int[] {100, 1 << 20, 1 << 27, Integer.MAX_VALUE - 8, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            Output output = new Output(32);
            output.writeVarInt(kryoId + 2, true);
            if (kryoId == 1) {
                output.writeVarIntFlag(true, length, true);
            } else {
                output.writeVarInt(length, true);
            }
            output.writeInt(0);
            assertRefusedCheaply(output.toBytes(), "id " + kryoId + ", length " + length);
        }
    }

    @Test
    void shouldRefuseObjectsNestedWithoutEnd() {
        byte[] lists = new byte[100_000];
        for (int i = 0; i < lists.length; i += 2) {
            lists[i] = 31 + 2;
            lists[i + 1] = 1;
        }
        assertRefusedCheaply(lists, "100 kB of lists in lists");
    }

    @Test
    void shouldRefuseArraysThatEachClaimTheWholeBody() {
        Output output = new Output(1 << 20);
        for (int depth = 0; depth < 60; depth++) {
            output.writeVarInt(30 + 2, true);
            output.writeVarInt(1_000_000, true);
        }
        output.writeBytes(new byte[1_040_000 - output.position()]);
        byte[] body = output.toBytes();

        long allocated = Allocations.bytesOf(() -> assertThrows(ProtocolException.class, () -> decode(body)));

        assertTrue(allocated < 16L * body.length, () -> "60 arrays of a million elements: " + allocated + " bytes");
    }

    /** Kryo ids of the sets and of the maps. */
    @ParameterizedTest
    @ValueSource(ints = {34, 35, 36, 42, 43, 51, 37, 38, 39, 44, 45, 52})
    void shouldRefuseKeysThatWereMadeToHaveOneHash(int kryoId) {
        boolean map = !Set.of(34, 35, 36, 42, 43, 51).contains(kryoId);
        Output output = new Output(BYTES_MAX);
        output.writeVarInt(kryoId + 2, true);
        output.writeVarInt(MANY, true);
        for (int i = 0; i < MANY; i++) {
            output.writeBytes(bytesOf(bodies.encode(new SampleTypes.Point(i, -31 * i))));
            if (map) {
                output.writeByte(0);
            }
        }

        ProtocolException refusal = assertTimeoutPreemptively(
                SOON, () -> assertThrows(ProtocolException.class, () -> decode(output.toBytes())));

        assertTrue(refusal.message().contains("equal hashes"), refusal.message());
    }

    @Test
    void shouldRefuseListsOfOneHashAsKeysInManySets() {
        Output output = new Output(BYTES_MAX);
        output.writeVarInt(31 + 2, true);
        output.writeVarInt(MANY / FEW, true);
        for (int set = 0; set < MANY / FEW; set++) {
            output.writeVarInt(34 + 2, true);
            output.writeVarInt(FEW, true);
            for (int i = 0; i < FEW; i++) {
                output.writeBytes(bytesOf(bodies.encode(listOfOneHash(i))));
            }
        }

        assertTimeoutPreemptively(SOON, () -> assertThrows(ProtocolException.class, () -> decode(output.toBytes())));
    }

    @Test
    void shouldReadManyKeysThatOnlyHappenToHaveOneHash() {
        Set<Object> points = new HashSet<>();
        Set<Object> sums = new HashSet<>();
        for (int i = 0; i < MANY; i++) {
            points.add(new SampleTypes.Point(i / 200, i % 200));
            sums.add(Set.of(i % 30, 30 + i / 30 % 30, 60 + i / 900 % 30));
        }
        for (Object sample : List.of(points, sums)) {
            assertEquals(sample, assertTimeoutPreemptively(SOON, () -> bodies.decode(bodies.encode(sample))));
        }
    }

    @Test
    void shouldReadNumbersOfOneHashWhateverHoldsThem() {
        Map<Object, Object> map = new HashMap<>();
        for (long i = 0; i < 3 * MANY; i++) {
            map.put(i << Integer.SIZE | i, "");
        }
        for (int kryoId : new int[] {37, 45, 52}) {
            byte[] body = bytesOf(bodies.encode(map));
            body[0] = (byte) (kryoId + 2);
            assertEquals(map, assertTimeoutPreemptively(SOON, () -> bodies.decode(ByteBuffer.wrap(body))));
        }
        for (int kryoId : new int[] {34, 43, 51}) {
            byte[] body = bytesOf(bodies.encode(new HashSet<>(map.keySet())));
            body[0] = (byte) (kryoId + 2);
            assertEquals(map.keySet(), assertTimeoutPreemptively(SOON, () -> bodies.decode(ByteBuffer.wrap(body))));
        }
    }

    /** Three pairs of numbers to one hash, in as many places as it takes. */
    private static List<Object> listOfOneHash(int number) {
        List<Object> list = new ArrayList<>();
        for (int rest = number, place = 0; place < 8; place++, rest /= 3) {
            list.add((byte) (rest % 3));
            list.add((byte) (62 - 31 * (rest % 3)));
        }
        return list;
    }

    @Test
    void shouldRefuseMoreElementsThanTheLimitEvenIfTheyAreThere() {
        Output output = new Output(BYTES_MAX);
        output.writeVarInt(30 + 2, true);
        output.writeVarInt(BoundedInput.ELEMENTS_MAX + 1, true);
        output.writeBytes(new byte[BoundedInput.ELEMENTS_MAX + 1]);

        assertRefusedCheaply(output.toBytes(), "one element too many");
    }

    @Test
    void shouldRefuseClassesByNameWithoutLoadingThem() {
        Output output = new Output(256);
        output.writeVarInt(1, true);
        output.writeVarInt(0, true);
        output.writeString(Trap.class.getName());

        ProtocolException refusal = assertThrows(ProtocolException.class, () -> decode(output.toBytes()));

        assertTrue(refusal.message().contains("by name"), refusal.message());
        assertEquals(0, TRAPS_SPRUNG.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 20, 99, 107, 65536, Integer.MAX_VALUE - 2})
    void shouldRefuseIdsThatNobodyRegistered(int kryoId) {
        Output output = new Output(32);
        output.writeVarInt(kryoId + 2, true);
        output.writeInt(0);

        assertRefusedCheaply(output.toBytes(), "id " + kryoId);
    }

    @Test
    void shouldRefuseBytesAfterTheObject() {
        ByteBuffer body = bodies.encode("text");
        ByteBuffer longer = ByteBuffer.allocate(body.remaining() + 1).put(body).rewind();

        ProtocolException refusal = assertThrows(ProtocolException.class, () -> bodies.decode(longer));

        assertEquals("after the object: 1 bytes (expected: the end of the body)", refusal.message());
    }

    @Test
    void shouldOnlyEverRefuseMutationsOfRealObjects() {
        List<Object> samples = SampleTypes.samples();
        for (int sample = 0; sample < samples.size(); sample++) {
            ByteBuffer body = bodies.encode(samples.get(sample));
            byte[] bytes = bytesOf(body);
            for (long seed = 0; seed < MUTATIONS / samples.size(); seed++) {
                String where = "sample " + sample + ", seed " + seed;
                Mutations mutations = new Mutations(seed);
                byte[] mutated = mutations.mutate(mutations.mutate(bytes));
                try {
                    decodeCheaply(mutated, where);
                } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                    fail(where, e);
                }
            }
        }
        assertEquals(
                SampleTypes.bytesOfSamples(), SampleTypes.written(bodies), "state left behind by what was refused");
    }

    private static byte[] bytesOf(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }

    private void assertRefusedCheaply(byte[] body, String what) {
        List<ProtocolException> refusals = decodeCheaply(body, what);
        assertEquals(2, refusals.size(), () -> what + ": not refused");
        assertEquals(ErrorCode.BAD_MESSAGE, refusals.get(0).code());
    }

    /** What was thrown, for each of the two times that it is read. */
    private List<ProtocolException> decodeCheaply(byte[] body, String what) {
        List<ProtocolException> refusals = new ArrayList<>();
        long allocated = Allocations.bytesOf(() -> {
            try {
                decode(body);
            } catch (ProtocolException e) {
                refusals.add(e);
            }
        });
        assertTrue(
                allocated < BYTES_FIXED + BYTES_PER_BYTE * body.length,
                () -> what + ": " + allocated + " bytes allocated for " + body.length);
        return refusals;
    }

    private void decode(byte[] body) throws ProtocolException {
        bodies.decode(ByteBuffer.wrap(body));
    }

    private static final List<String> TRAPS_SPRUNG = new ArrayList<>();

    /** Not registered; tells when it is initialized. */
    private static final class Trap {
        static {
            TRAPS_SPRUNG.add("initialized");
        }
    }
}
