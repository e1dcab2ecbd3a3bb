package io.jackfield.broker.transport.zmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptPauseTest {
    @Test
    void shouldStopAcceptingForASecondAfterAFailure() {
        ZmtpCounters counters = new ZmtpCounters();
        EmbeddedChannel listening = new EmbeddedChannel(new AcceptPause(counters));
        listening.freezeTime();

        listening.pipeline().fireExceptionCaught(new IOException("on purpose: Too many open files"));

        assertFalse(listening.config().isAutoRead());
        assertEquals(1, counters.acceptFailures());

        listening.advanceTimeBy(AcceptPause.PAUSE_MS, TimeUnit.MILLISECONDS);
        listening.runScheduledPendingTasks();

        assertTrue(listening.config().isAutoRead());
        assertTrue(listening.isOpen());
        listening.checkException();
    }
}
