package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExposureTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:5555",
                "tcp://[::1]:5555",
                "tcp://localhost:1",
                "http://127.0.0.1:8080",
                "http://[0:0:0:0:0:0:0:1]:8080",
                "ipc:///run/jackfield"
            })
    void shouldKnowWhatOnlyThisMachineReaches(String address) {
        assertFalse(Exposure.beyondLoopback(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://*:5555",
                "tcp://0.0.0.0:5555",
                "tcp://[::]:5555",
                "tcp://10.0.0.7:5555",
                "http://0.0.0.0:8080",
                "http://[0:0:0:0:0:0:0:0]:8080"
            })
    void shouldKnowWhatOthersReach(String address) {
        assertTrue(Exposure.beyondLoopback(address));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://0.0.0.0:5555, tcp://127.0.0.1:5555",
        "tcp://*:5555, tcp://127.0.0.1:5555",
        "tcp://[::]:5555, tcp://[::1]:5555",
        "tcp://[0:0:0:0:0:0:0:0]:5555, tcp://[::1]:5555",
        "tcp://10.0.0.7:5555, tcp://10.0.0.7:5555",
        "ipc:///run/jackfield, ipc:///run/jackfield"
    })
    void shouldSayHowToReachItFromHere(String address, String fromHere) {
        assertEquals(fromHere, Exposure.fromHere(address));
    }

    @Test
    void shouldKnowAnInterfaceByItsName() throws Exception {
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            assertTrue(network.isLoopback() != Exposure.beyondLoopback("tcp://" + network.getName() + ":1"));
        }
    }
}
