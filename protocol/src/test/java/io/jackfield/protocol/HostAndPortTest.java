package io.jackfield.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:5555, 127.0.0.1, 127.0.0.1, 5555",
        "[::1]:5555, [::1], ::1, 5555",
        "[fe80::1%eth0]:1, [fe80::1%eth0], fe80::1%eth0, 1",
        "localhost:65535, localhost, localhost, 65535",
        "my_host.a-b.example:7, my_host.a-b.example, my_host.a-b.example, 7",
        "*:*, *, *, 0"
    })
    void shouldReadHostAndPort(String text, String host, String bareHost, int port) {
        HostAndPort read = HostAndPort.parse(text).orElseThrow();

        assertEquals(new HostAndPort(host, port), read);
        assertEquals(bareHost, read.bareHost());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "localhost",
                ":5555",
                "localhost:",
                "::1:5555",
                "[::1]",
                "127.0.0.1:-1",
                "127.0.0.1:65536",
                "127.0.0.1:99999999999",
                "127.0.0.1:5555/x",
                "a b:1",
                "tcp://127.0.0.1:1"
            })
    void shouldReadNothingElse(String text) {
        assertEquals(Optional.empty(), HostAndPort.parse(text));
    }

    @Test
    void shouldKnowWhatCanOnlyBeListenedOn() {
        assertTrue(new HostAndPort("localhost", 1).isConnectable());
        assertFalse(new HostAndPort("localhost", 0).isConnectable());
        assertFalse(new HostAndPort("*", 1).isConnectable());
    }
}
