package io.jackfield.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The demo's processes. Closing kills them all, and so does the end of this JVM: by ctrl-C or by an exception. */
final class Children implements AutoCloseable {

    private final Path folder;
    private final Queue<Child> started = new ConcurrentLinkedQueue<>();

    Children(Path folder) {
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "demo-kill-children"));
    }

    /** Starts a process in the demo's folder, where its log goes too. */
    Child start(String name, String readyPrefix, Map<String, String> environment, String... command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        Child child = Child.start(name, builder, folder.resolve(name + ".log"), readyPrefix);
        started.add(child);
        return child;
    }

    @Override
    public void close() {
        started.forEach(Child::kill);
    }
}
