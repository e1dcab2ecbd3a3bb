package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.protocol.HostAndPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpEndpointTest {

    @Test
    void shouldReadHostAndPort() {
        assertEquals(new HostAndPort("my_host", 5555), TcpEndpoint.parse("tcp://my_host:5555"));
        assertEquals("::1", TcpEndpoint.parse("tcp://[::1]:5555").bareHost());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://",
                "localhost:5555",
                "tcp://localhost",
                "tcp://*:5555",
                "tcp://localhost:0",
                "http://a:1"
            })
    void shouldSayWhatAnEndpointLooksLike(String endpoint) {
        Failure refused = assertThrows(Failure.class, () -> TcpEndpoint.parse(endpoint));
        assertEquals(
                "BAD_ENDPOINT: " + endpoint + " (expected: tcp://HOST:PORT) (for example tcp://127.0.0.1:5555)",
                refused.line());
        assertEquals(ExitCode.USAGE, refused.exitCode());
    }

    @Test
    void shouldSayWhyThereIsNoWayThroughAUnixSocket() {
        Failure refused = assertThrows(Failure.class, () -> TcpEndpoint.parse("ipc:///run/jackfield"));
        assertTrue(refused.hint().contains("Unix socket"), refused.line());
    }
}
