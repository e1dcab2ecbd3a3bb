package io.jackfield.broker.supervise.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process prints, line by line into the log under the name {@code worker.NAME}; long lines are cut into pieces. */
final class OutputLog implements Runnable {
    private static final int LINE_CHARS_MAX = 4096;

    private final Logger log;
    private final Process process;

    private OutputLog(String name, Process process) {
        this.log = LoggerFactory.getLogger("worker." + name);
        this.process = process;
    }

    /** Reads until the process has closed its output. */
    static void read(String name, Process process) {
        Thread thread = new Thread(new OutputLog(name, process), "output of " + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        StringBuilder line = new StringBuilder();
        try (Reader reader = new InputStreamReader(process.getInputStream(), UTF_8)) {
            char[] some = new char[LINE_CHARS_MAX];
            for (int count = reader.read(some); count >= 0; count = reader.read(some)) {
                for (int i = 0; i < count; i++) {
                    add(line, some[i]);
                }
            }
        } catch (IOException e) {
            log.warn("its output cannot be read any more: {}", e.getMessage());
        }
        if (line.length() > 0) {
            log.info("{}", line);
        }
    }

    private void add(StringBuilder line, char next) {
        if (next != '\n') {
            line.append(next);
        }
        if (next == '\n' || line.length() == LINE_CHARS_MAX) {
            log.info("{}", line);
            line.setLength(0);
        }
    }
}
