package io.jackfield.broker.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import io.jackfield.broker.dispatch.Dispatcher;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageTableTest {
    private static final String ROOT = "io.jackfield.broker";

    /** A broker of a few classes, each of which breaks one rule. */
    private static final String PLANTED = "io.jackfield.broker.architecture.planted";

    /** What was compiled together with the dispatcher: no tests. */
    private static final JavaClasses BROKER = new ClassFileImporter()
            .importUrl(Dispatcher.class.getProtectionDomain().getCodeSource().getLocation());

    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(PLANTED);

    @TestFactory
    Stream<DynamicTest> shouldHoldFor() {
        return new PackageTable(ROOT)
                .rules().stream().map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(BROKER)));
    }

    @Test
    void shouldLookAtTheRealBroker() {
        assertTrue(BROKER.contain("io.jackfield.broker.dispatch.Dispatcher"));
        assertTrue(BROKER.contain("io.jackfield.broker.peer.PeerRegistry"));
        assertTrue(BROKER.size() > 100, "classes: " + BROKER.size());
    }

    @ParameterizedTest
    @CsvSource({
        "dispatch.ImportsPeer, package dispatch imports lower ones only",
        "dispatch.ReadsTheClock, time and chance come in through the constructor",
        "dispatch.ReadsTheClock, the machine's clock is read in one place",
        "model.UsesALock, state machines are owned by one thread and stepped by hand",
        "peer.OpensAFile, state machines are owned by one thread and stepped by hand",
        "peer.RollsDice, state machines are owned by one thread and stepped by hand",
        "peer.KnowsNetty, io.netty.. is known in",
        "pipeline.ImportsPubsub, package pipeline imports lower ones only",
        "transport.zmtp.KnowsJeromq, org.zeromq.. is known in",
        "http.KnowsPf4j, org.pf4j.. is known in",
        "admin.KnowsServer, server wires everything",
        "attic.HasNoRow, every package has its row in the table",
    })
    void shouldCatchWhatIsPlanted(String culprit, String reason) {
        List<String> caught = new PackageTable(PLANTED)
                .rules().stream()
                        .filter(rule -> rule.getDescription().contains(reason))
                        .flatMap(PackageTableTest::violations)
                        .filter(line -> line.contains(PLANTED + "." + culprit))
                        .toList();
        assertTrue(!caught.isEmpty(), () -> culprit + " is not caught");
    }

    @Test
    void shouldLetTheGoodClassAmongThePlantedPass() {
        List<String> caught = new PackageTable(PLANTED)
                .rules().stream()
                        .flatMap(PackageTableTest::violations)
                        .filter(line -> line.contains("WithinTheRules"))
                        .toList();
        assertEquals(List.of(), caught);
    }

    private static Stream<String> violations(ArchRule rule) {
        EvaluationResult result = rule.evaluate(BROKEN);
        return result.getFailureReport().getDetails().stream();
    }
}
