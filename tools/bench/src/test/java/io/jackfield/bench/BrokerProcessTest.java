package io.jackfield.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BrokerProcessTest {

    @Test
    void shouldKnowWhatAProcessUses() {
        BrokerProcess own = BrokerProcess.of(ProcessHandle.current().pid());

        assertTrue(own.cpuNs() > 0);
        assertTrue(own.residentBytes() > 1_000_000);
        assertTrue(own.openFiles() > 2);
    }

    @Test
    void shouldHaveNoFiguresOfAnUnknownProcess() {
        BrokerProcess unknown = new BrokerProcess(OptionalLong.empty());

        assertTrue(Double.isNaN(unknown.cpuNs()));
        assertTrue(Double.isNaN(unknown.residentBytes()));
        assertTrue(Double.isNaN(unknown.openFiles()));
    }

    @Test
    void shouldHaveNoFiguresOfAProcessThatHasEnded() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        BrokerProcess ended = BrokerProcess.of(process.pid());

        assertTrue(Double.isNaN(ended.residentBytes()));
        assertTrue(Double.isNaN(ended.openFiles()));
    }
}
