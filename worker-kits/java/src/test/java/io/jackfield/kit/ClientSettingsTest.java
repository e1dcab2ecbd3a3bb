package io.jackfield.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client is told is checked where it is told. */
class ClientSettingsTest {

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT1193H2M47.296S"})
    void shouldRefuseATimeoutOutOfItsLimits(String given) {
        Call call = Call.of("a", new byte[0]);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> call.withTimeout(Duration.parse(given)));
        assertEquals("timeout: " + given + " (expected: more than 0, at most PT1193H2M47.295S)", refused.getMessage());
    }

    @Test
    void shouldRefuseSettingsOutOfTheirLimits() {
        ClientOptions options = Client.of("tcp://a:1");
        assertRefused("retries: -1 (expected: 0 to 100)", () -> options.retriesMax(-1));
        assertRefused("heartbeat: 0 ms (expected: 10 to 3600000)", () -> options.heartbeatMs(0));
        assertRefused("liveness: 1 (expected: 2 to 100)", () -> options.liveness(1));
        assertRefused("body-bytes-max: 0 (expected: 1 to 2147418111)", () -> options.bodyBytesMax(0));
    }

    private static void assertRefused(String cause, Executable setting) {
        assertEquals(
                cause, assertThrows(IllegalArgumentException.class, setting).getMessage());
    }
}
