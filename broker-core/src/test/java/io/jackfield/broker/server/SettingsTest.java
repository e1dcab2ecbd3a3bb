package io.jackfield.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.BrokerConfig.Endpoint;
import io.jackfield.broker.server.config.ConfigException;
import io.jackfield.broker.server.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsTest {
    private static final String CLIENTS = "{ bind: 'tcp://127.0.0.1:5559', role: clients }";
    private static final String PLAIN = "{ bind: 'tcp://127.0.0.1:5560', role: workers, dialect: plain }";
    private static final String ANY = "{ bind: 'tcp://127.0.0.1:5555' }";
    private static final String OUT = "{ connect: 'tcp://127.0.0.1:5561', socket: dealer, role: workers }";

    @TempDir
    Path temp;

    @Test
    void shouldSendItsOwnWorkersToAnEndpointThatTakesThem() throws Exception {
        assertEquals("tcp://127.0.0.1:5555", forWorkers(CLIENTS, OUT, PLAIN, ANY));
        assertEquals("tcp://127.0.0.1:5560", forWorkers(CLIENTS, OUT, PLAIN));
    }

    @Test
    void shouldRefuseWorkersThatCouldConnectNowhere() throws Exception {
        BrokerConfig config = read(CLIENTS, OUT);

        ConfigException refused = assertThrows(ConfigException.class, () -> Settings.check(config));

        assertEquals(
                List.of("workers: nowhere to connect to (expected: an endpoint with bind, of role any or workers)"),
                refused.problems());
    }

    private String forWorkers(String... endpoints) throws Exception {
        BrokerConfig config = read(endpoints);
        Settings.check(config);
        return Settings.forWorkers(config).map(Endpoint::address).orElse("none");
    }

    private BrokerConfig read(String... endpoints) throws Exception {
        String yaml =
                "endpoints:\n  - " + String.join("\n  - ", endpoints) + "\nworkers: {prime: {command: [prime]}}\n";
        return ConfigReader.read(Files.writeString(temp.resolve("broker.yaml"), yaml));
    }
}
