package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One failure in each dialect, against the golden vectors. */
final class FailureVectorsTest {
    static Stream<Vector> failures() {
        return Vector.read("failures.txt").stream();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellPlainPeersInOneLine(Vector vector) {
        assertEquals(vector.escapedText("error-line"), failure(vector).errorLine());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellJf1PeersInAFailureMessage(Vector vector) throws ProtocolException {
        Jf1Message message = Jf1Message.failure(vector.number("id"), failure(vector));

        assertEquals(vector.all("raw-frame"), VectorsTest.hex(RawFraming.encode(message)));
        assertEquals(vector.all("kryo-frame"), VectorsTest.hex(List.of(KryoFraming.encode(message))));
        assertEquals(message, RawFraming.decode(vector.bytes("raw-frame")));
        assertEquals(message, KryoFraming.decode(vector.bytes("kryo-frame")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldReadTheFailureBackFromTheMessage(Vector vector) throws ProtocolException {
        Failure sent = failure(vector);
        Failure expected = new Failure(sent.code(), sent.cause(), Headers.fit(sent.hint()), sent.retryAfterMs());

        assertEquals(expected, RawFraming.decode(vector.bytes("raw-frame")).failure());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellHttpPeersInAProblem(Vector vector) {
        Failure failure = failure(vector);
        List<String> expected = vector.all("problem").stream()
                .map(FailureVectorsTest::unescapedMember)
                .toList();
        List<String> members = new ArrayList<>();
        failure.problem().forEach((name, value) -> members.add(name + " " + value));

        assertEquals(expected, members);
        assertEquals(vector.number("http-status"), failure.code().httpStatus());
        assertEquals(
                vector.has("http-retry-after") ? vector.number("http-retry-after") : 0, failure.retryAfterSeconds());
    }

    private static String unescapedMember(String line) {
        return line.endsWith(" -") ? line.substring(0, line.length() - 1) : Vector.unescape(line);
    }

    private static Failure failure(Vector vector) {
        ErrorCode code = ErrorCode.valueOf(vector.text("name"));
        assertEquals(vector.number("number"), code.number());
        return new Failure(
                code, vector.escapedText("cause"), vector.escapedText("hint"), vector.number("retry-after-ms"));
    }
}
