package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ListingTest {

    @Test
    void shouldShowServicesWithUnits() throws IOException {
        JsonNode reply = json(
                """
                {"services":[{"name":"echo","version":"1.2","workers":3,"inProcess":1,"placement":"in-process=90,remote=10","queued":2,"queuedBytes":2048,
                "idempotent":true,"timeoutMs":5000,"accepted":10,"replied":8,"failed":1,"refused":0,"retried":1,
                "late":0}]}""");

        assertEquals(
                """
                SERVICE  VERSION  WORKERS  IN-PROCESS  PLACEMENT                QUEUED  QUEUED BYTES  IDEMPOTENT  TIMEOUT  ACCEPTED  REPLIED  FAILED  REFUSED  RETRIED  LATE
                echo     1.2            3           1  in-process=90,remote=10       2       2.0 KiB  yes         5000 ms        10        8       1        0        1     0
                """,
                Listing.SERVICES.table(reply));
    }

    @Test
    void shouldShowWhatAWorkerServesAndSaysOfItself() throws IOException {
        JsonNode reply = json(
                """
                {"workers":[{"description":"c 127.0.0.1:4711","services":["a","b"],"kit":"c/0.1.0",
                "labels":{"gpu":"2","zone":"eu"},"credit":8,"inFlight":1,
                "oldestMs":12,"draining":false,"replied":5}]}""");

        assertEquals(
                """
                WORKER            SERVICES  KIT      LABELS         CREDIT  IN FLIGHT  OLDEST  DRAINING  REPLIED
                c 127.0.0.1:4711  a,b       c/0.1.0  gpu=2,zone=eu       8          1   12 ms  no              5
                """,
                Listing.WORKERS.table(reply));
    }

    @Test
    void shouldShowWhyAPluginWasRefusedAndADashForWhatItLacks() throws IOException {
        JsonNode reply = json(
                """
                {"plugins":[{"id":"","version":null,"state":"REFUSED","services":[],"sha256":"0123456789abcdef0123",
                "file":"bad.jar","reason":"PLUGIN_UNREADABLE: not a jar"}]}""");

        assertEquals(
                """
                PLUGIN  VERSION  STATE    SERVICES  CALLS  ERRORS  P99  SHA-256       FILE     GENERATION  REASON
                -       -        REFUSED  -             -       -    -  0123456789ab  bad.jar           -  PLUGIN_UNREADABLE: not a jar
                """,
                Listing.PLUGINS.table(reply));
    }

    @Test
    void shouldSayWhatAPluginDependsOnAndWhatNeedsIt() throws IOException {
        JsonNode plugin = json(
                """
                {"plugins":[{"id":"b","dependencies":["a@>=1.0","x@*"],"dependents":["c"]},
                {"id":"b","dependencies":["a@>=1.0"],"dependents":["c","d"]}]}""");

        assertEquals("depends on: a@>=1.0, x@*\n", PluginQuestions.line(plugin, "depends on", "dependencies"));
        assertEquals("needed by: c, d\n", PluginQuestions.line(plugin, "needed by", "dependents"));
        assertEquals("", PluginQuestions.line(json("{\"plugins\":[]}"), "needed by", "dependents"));
    }

    @Test
    void shouldAddUpWhatTheHandlersOfAPluginDidAndShowEach() throws IOException {
        JsonNode reply = json(
                """
                {"plugins":[{"id":"p","version":"1","state":"serving","services":["a","b"],"sha256":"0123456789ab",
                "file":"p.jar","generation":2,"reason":"","handlers":[
                {"service":"a","runs":"threads","calls":10,"errors":1,"cancelled":2,"inFlight":3,"queued":1,"threads":2,
                "concurrency":2,"p50Us":12,"p99Us":1234,"maxUs":2500000,"waitP50Us":0,"waitP99Us":999},
                {"service":"b","runs":"loop","calls":5,"errors":0,"cancelled":0,"inFlight":0,"queued":0,"threads":0,
                "concurrency":2,"p50Us":1,"p99Us":2,"maxUs":3,"waitP50Us":0,"waitP99Us":0}]}]}""");

        assertEquals(
                """
                PLUGIN  VERSION  STATE    SERVICES  CALLS  ERRORS     P99  SHA-256       FILE   GENERATION  REASON
                p       1        serving  a,b          15       1  1.2 ms  0123456789ab  p.jar           2  -
                """,
                Listing.PLUGINS.table(reply));
        assertEquals(
                """

                SERVICE  GENERATION  RUNS ON  CALLS  ERRORS  CANCELLED  IN FLIGHT  QUEUED  THREADS  CONCURRENCY    P50     P99    MAX  WAIT P50  WAIT P99
                a                 2  threads     10       1          2          3       1        2            2  12 us  1.2 ms  2.5 s      0 us    999 us
                b                 2  loop         5       0          0          0       0        0            2   1 us    2 us   3 us      0 us      0 us
                """,
                PluginQuestions.handlers(reply));
        assertEquals("", PluginQuestions.handlers(json("{\"plugins\":[{\"id\":\"p\",\"handlers\":[]}]}")));
    }

    @Test
    void shouldAskTheBrokersOwnServices() {
        assertEquals("jf.services", Listing.SERVICES.service());
        assertEquals("jf.workers", Listing.WORKERS.service());
        assertEquals("jf.plugins", Listing.PLUGINS.service());
    }

    private static JsonNode json(String text) throws IOException {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
