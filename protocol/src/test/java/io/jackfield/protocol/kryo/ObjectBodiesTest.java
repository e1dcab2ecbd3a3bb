package io.jackfield.protocol.kryo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ProtocolException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects as bodies: what an author writes comes back, and what does not fit is refused with a reason. */
final class ObjectBodiesTest {
    private static final int BYTES_MAX = 1 << 20;

    private final ObjectBodies bodies = SampleTypes.bodies(BYTES_MAX);

    static Stream<Arguments> samples() {
        return SampleTypes.samples().stream().map(sample -> Arguments.of(new Object[] {sample}));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldReadBackWhatWasWritten(Object sample) throws ProtocolException {
        Object copy = bodies.decode(bodies.encode(sample), Object.class);

        assertTrue(SampleTypes.same(sample, copy), () -> sample + " came back as " + copy);
        assertEquals(sample.getClass(), copy.getClass());
    }

    @Test
    void shouldWriteTheBytesItAlwaysWrote() {
        assertEquals(SampleTypes.bytesOfSamples(), SampleTypes.written(bodies));
    }

    @Test
    void shouldCarryNull() throws ProtocolException {
        assertNull(bodies.decode(bodies.encode(null)));
        ProtocolException refusal =
                assertThrows(ProtocolException.class, () -> bodies.decode(bodies.encode(null), String.class));
        assertEquals("object: null (expected: java.lang.String)", refusal.message());
    }

    @Test
    void shouldRefuseAnotherTypeThanExpected() {
        ProtocolException refusal =
                assertThrows(ProtocolException.class, () -> bodies.decode(bodies.encode("text"), Integer.class));
        assertEquals("object: java.lang.String (expected: java.lang.Integer)", refusal.message());
        assertEquals(ErrorCode.BAD_MESSAGE, refusal.code());
    }

    @Test
    void shouldRefuseToWriteWhatCouldNotBeRead() {
        List<Object> itself = new ArrayList<>();
        itself.add(itself);

        assertRefused(URI.create("urn:x"), "not registered");
        assertRefused(itself, "Max depth");
        assertRefused(new byte[BYTES_MAX], "bytes");
        assertRefused(new TreeSet<>(Comparator.<String>reverseOrder()), "comparator");
        assertRefused(new Object[BoundedInput.ELEMENTS_MAX + 1], "elements");
        assertArrayEquals(new String[] {"still", "works"}, (Object[]) copy(new String[] {"still", "works"}));
    }

    @Test
    void shouldRefuseATooLargeBodyBeforeItReadsIt() {
        ProtocolException refusal =
                assertThrows(ProtocolException.class, () -> bodies.decode(ByteBuffer.allocate(BYTES_MAX + 1)));
        assertEquals(ErrorCode.TOO_LARGE, refusal.code());
    }

    @Test
    void shouldRefuseClassesThatCannotBeReadBack() {
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(String[][].class, 99)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(String[][].class, 65536)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(ArrayList.class, 100)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(EnumMap.class, 100)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(List.class, 100)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(ObjectBodies.class, 100)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(Map.Entry.class, 100)));
        assertThrows(IllegalArgumentException.class, () -> with(types -> types.add(URI.class, 100)));
        assertThrows(
                IllegalArgumentException.class,
                () -> with(types -> types.add(String[][].class, 100).add(int[][].class, 100)));
    }

    @Test
    void shouldBeSafeForManyThreads() throws Exception {
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            Callable<Integer> work = () -> {
                int wrong = 0;
                for (int round = 0; round < 50; round++) {
                    for (Object sample : SampleTypes.samples()) {
                        wrong += SampleTypes.same(sample, copy(sample)) ? 0 : 1;
                    }
                }
                return wrong;
            };
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                results.add(executor.submit(work));
            }
            for (Future<Integer> result : results) {
                assertEquals(0, result.get(60, TimeUnit.SECONDS));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private Object copy(Object object) {
        try {
            return bodies.decode(bodies.encode(object), Object.class);
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(Object object, String reason) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> bodies.encode(object));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(reason) && message.contains(" (expected: "), message);
    }

    private static ObjectBodies with(Consumer<ObjectTypes> registration) {
        return new ObjectBodies(BYTES_MAX, registration);
    }
}
