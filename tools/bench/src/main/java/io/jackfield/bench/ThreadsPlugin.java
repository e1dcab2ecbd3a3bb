package io.jackfield.bench;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** A plugin jar with one handler, the same as that of the echo plugin but for not declaring itself non-blocking. */
final class ThreadsPlugin {

    static final String SERVICE = "echo-on-threads";

    private ThreadsPlugin() {}

    /** The handler. Each call is on a thread of the plugin's. */
    @Service(name = SERVICE, version = "1", idempotent = true)
    public static final class Echo implements Handler {

        @Override
        public Reply handle(Request request, HandlerContext context) {
            return Reply.ofParts(request.parts());
        }
    }

    /** Writes the jar, as a build would. */
    static void write(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Plugin-Id"), SERVICE);
        manifest.getMainAttributes().put(new Attributes.Name("Plugin-Version"), "1.0.0");
        String className = Echo.class.getName();
        String classFile = className.replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                InputStream bytes = ThreadsPlugin.class.getClassLoader().getResourceAsStream(classFile)) {
            if (bytes == null) {
                throw new IllegalStateException("not on the class path: " + classFile);
            }
            out.putNextEntry(new ZipEntry("META-INF/extensions.idx"));
            out.write((className + '\n').getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new ZipEntry(classFile));
            bytes.transferTo(out);
            out.closeEntry();
        }
    }
}
