package io.jackfield.command;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of a command, and the folder for their logs. Closing ends them all, and so does the end of this JVM: by ctrl-C or by an
 * exception.
 */
public final class Children implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Children.class);
    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));

    /** A broker that ends by itself leaves no private copies of jars behind. */
    private static final long END_MS = 5000;

    private final Path folder;
    private final Queue<Child> started = new ConcurrentLinkedQueue<>();
    private final Thread hook = new Thread(this::end, "end-children");

    /** Starts nothing yet. */
    public Children(Path folder) {
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a process in the folder, where its log goes too. */
    public Child start(String name, String readyPrefix, Map<String, String> environment, String... command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectInput(NOTHING);
        return start(name, readyPrefix, line -> {}, environment, builder);
    }

    /**
     * Starts one that is talked to: by {@link Child#send}, and by the lines of its standard output that do not say that it is ready. Its
     * standard error goes into the log alone.
     */
    public Child startTalking(
            String name,
            String readyPrefix,
            Consumer<String> told,
            Map<String, String> environment,
            List<String> command)
            throws IOException {
        Redirect log = Redirect.appendTo(log(name).toFile());
        return start(name, readyPrefix, told, environment, new ProcessBuilder(command).redirectError(log));
    }

    private Child start(
            String name,
            String readyPrefix,
            Consumer<String> told,
            Map<String, String> environment,
            ProcessBuilder builder)
            throws IOException {
        builder.directory(folder.toFile()).environment().putAll(environment);
        Child child = Child.start(name, builder, log(name), readyPrefix, told);
        started.add(child);
        return child;
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /** Deletes a folder with all that is in it: once nothing that was started writes there any more. */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, java.io.IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** SIGKILL for all of them. */
    public void kill() {
        started.forEach(Child::kill);
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("this JVM ends, and so does its hook: {}", e.getMessage());
        }
    }

    private void end() {
        started.forEach(Child::requestEnd);
        try {
            long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MS);
            for (Child child : started) {
                child.awaitEnd(Math.max(0, TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}
