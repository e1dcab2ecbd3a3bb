package io.jackfield.broker.server;

import io.jackfield.broker.plugin.PluginSettings;
import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.ConfigException;
import io.jackfield.broker.server.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the configuration file and gives plugins theirs when it has changed. Everything else in it waits for a restart. A file that
 * cannot be read, or is wrong anywhere, changes nothing; a configuration that does not fit a plugin changes nothing for that one.
 */
final class ConfigWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);
    private static final long CLOSE_TIME_MS = 2_000;

    private final Path file;
    private final long lookMs;
    private final Function<PluginSettings, Map<String, List<String>>> plugins;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "config-watch");

    // Of the thread.
    private BrokerConfig current;
    private Stamp seen;
    private Stamp read;

    /** Read by the broker loop. */
    private volatile View view;

    /**
     * What the file looked like.
     *
     * @param key which file it was, where the file system can tell
     */
    private record Stamp(long modifiedMs, long bytes, String key) {}

    /**
     * What became of the last change, for people and programs that watch.
     *
     * @param changes how often the file was read anew
     * @param problems of the last reading; what they concern has stayed as it was
     */
    record View(String file, long changes, List<String> problems) {}

    private ConfigWatch(
            Path file, BrokerConfig current, long lookMs, Function<PluginSettings, Map<String, List<String>>> plugins) {
        this.file = file;
        this.current = current;
        this.lookMs = lookMs;
        this.plugins = plugins;
        // Looked at once more in any case: it may have changed, or gone for a moment, while the broker was started.
        this.read = new Stamp(-1, -1, "");
        this.seen = read;
        this.view = new View(file.toAbsolutePath().toString(), 0, List.of());
        thread.setDaemon(true);
    }

    /**
     * Begins to look.
     *
     * @param current what the file said when the broker was started
     * @param plugins takes what belongs to plugins, and tells what does not fit
     */
    static ConfigWatch start(
            Path file, BrokerConfig current, long lookMs, Function<PluginSettings, Map<String, List<String>>> plugins) {
        ConfigWatch watch = new ConfigWatch(file, current, lookMs, plugins);
        watch.thread.start();
        return watch;
    }

    /** Any thread. */
    View view() {
        return view;
    }

    private void run() {
        try {
            while (!closed.await(lookMs, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("no longer looking at {}", file);
        }
    }

    /** A file that is being written is left alone until it has stayed the same from one look to the next. */
    private void look() {
        Stamp now;
        try {
            now = stamp();
        } catch (IOException e) {
            // Some editors take the file away before they put the new one there.
            return;
        }
        boolean settled = now.equals(seen);
        seen = now;
        if (settled && !now.equals(read)) {
            read = now;
            reread();
        }
    }

    private void reread() {
        List<String> problems = new ArrayList<>();
        try {
            BrokerConfig changed = ConfigReader.read(file);
            if (changed.equals(current) && view.problems.isEmpty()) {
                return;
            }
            plugins.apply(changed.plugins()).values().forEach(problems::addAll);
            PluginSettings sameOtherwise = changed.plugins().withEachAs(current.plugins());
            if (!changed.withPlugins(sameOtherwise).equals(current)) {
                LOG.info(
                        "{} has changed; what does not belong to plugins takes effect when the broker is started",
                        file);
            }
            current = changed;
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        } catch (RuntimeException e) {
            LOG.error("{} cannot be read anew", file, e);
            problems.add(file + ": " + e);
        }
        if (problems.isEmpty()) {
            LOG.info("{} has been read anew", file);
        } else {
            LOG.warn("{} has changed and is refused where it is wrong: {}", file, String.join("; ", problems));
        }
        view = new View(file.toAbsolutePath().toString(), view.changes + 1, List.copyOf(problems));
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(
                attributes.lastModifiedTime().toMillis(), attributes.size(), String.valueOf(attributes.fileKey()));
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(CLOSE_TIME_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
