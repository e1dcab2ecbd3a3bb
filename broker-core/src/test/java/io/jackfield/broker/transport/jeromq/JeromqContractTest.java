package io.jackfield.broker.transport.jeromq;

import io.jackfield.broker.transport.TransportContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The core contract, through JeroMQ. */
@Timeout(120)
class JeromqContractTest {
    @TestFactory
    Stream<DynamicTest> core() {
        return new TransportContract(JeromqFixture::unlimited).tests();
    }
}
