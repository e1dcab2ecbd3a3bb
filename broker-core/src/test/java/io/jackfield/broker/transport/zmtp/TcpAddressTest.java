package io.jackfield.broker.transport.zmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.broker.transport.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpAddressTest {
    private static final InetAddress IPV4 = address((byte) 127, (byte) 0, (byte) 0, (byte) 1);
    private static final InetAddress IPV6 =
            address(ByteBuffer.allocate(16).put(15, (byte) 1).array());

    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:5555, 127.0.0.1, 5555",
        "tcp://[::1]:5555, [::1], 5555",
        "tcp://[fe80::1%eth0]:1, [fe80::1%eth0], 1",
        "tcp://localhost:65535, localhost, 65535",
        "tcp://*:5555, *, 5555",
        "tcp://*:*, *, 0",
        "tcp://a.b-c.example:0, a.b-c.example, 0"
    })
    void shouldReadHostAndPort(String address, String host, int port) throws BindException {
        assertEquals(new TcpAddress(host, port), TcpAddress.parse(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://",
                "tcp://127.0.0.1",
                "tcp://:5555",
                "tcp://::1:5555",
                "tcp://[::1]",
                "tcp://127.0.0.1:-1",
                "tcp://127.0.0.1:65536",
                "tcp://127.0.0.1:99999999999",
                "tcp://127.0.0.1:5555/x",
                "tcp://a b:1",
                "ipc:///tmp/x",
                "127.0.0.1:5555"
            })
    void shouldSayWhatAnAddressLooksLike(String address) {
        BindException refused = assertThrows(BindException.class, () -> TcpAddress.parse(address));
        assertTrue(String.valueOf(refused.getMessage()).contains("(expected: "), refused.getMessage());
    }

    @Test
    void shouldResolve() throws Exception {
        assertEquals(IPV4, TcpAddress.parse("tcp://127.0.0.1:1").resolved().getAddress());
        assertEquals(IPV6, TcpAddress.parse("tcp://[::1]:1").resolved().getAddress());
        assertTrue(TcpAddress.parse("tcp://*:1").resolved().getAddress().isAnyLocalAddress());
    }

    @Test
    void shouldResolveANetworkInterface() throws Exception {
        NetworkInterface loopback = NetworkInterface.networkInterfaces()
                .filter(TcpAddressTest::isLoopback)
                .findFirst()
                .orElseThrow();
        assertEquals(
                IPV4,
                TcpAddress.parse("tcp://" + loopback.getName() + ":1")
                        .resolved()
                        .getAddress());
    }

    @Test
    void shouldRefuseAHostThatNobodyKnows() {
        BindException refused = assertThrows(BindException.class, () -> TcpAddress.parse("tcp://nowhere.invalid:1")
                .resolved());
        assertTrue(String.valueOf(refused.getMessage())
                .startsWith("cannot listen on tcp://nowhere.invalid:1: the host is not known"));
    }

    @Test
    void shouldWriteAddressesAsPeopleDo() throws Exception {
        assertEquals("127.0.0.1:7", TcpAddress.text(new InetSocketAddress(IPV4, 7)));
        assertEquals("[0:0:0:0:0:0:0:1]:7", TcpAddress.text(new InetSocketAddress(IPV6, 7)));
        assertEquals(
                "tcp://[::1]:7", TcpAddress.parse("tcp://[::1]:0").withPort(7).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://eth0:0, 127.0.0.1, tcp://127.0.0.1:7",
        "tcp://localhost:0, ::1, tcp://[0:0:0:0:0:0:0:1]:7",
        "tcp://[::1]:0, ::1, tcp://[::1]:7",
        "tcp://10.0.0.7:0, 10.0.0.7, tcp://10.0.0.7:7",
        "tcp://*:0, 0.0.0.0, tcp://*:7"
    })
    void shouldSayWhereANameHasLed(String asked, String bound, String local) throws Exception {
        InetSocketAddress socket = new InetSocketAddress(InetAddress.getByName(bound), 7);
        assertEquals(local, TcpAddress.parse(asked).withPort(7).local(socket).toString());
    }

    private static boolean isLoopback(NetworkInterface network) {
        try {
            return network.isLoopback();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    private static InetAddress address(byte... bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
