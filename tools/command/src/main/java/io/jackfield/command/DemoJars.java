package io.jackfield.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Builds the versions of the demo's plugin from their sources, as a person would: javac, then a jar with a manifest. One thread. */
final class DemoJars {

    private static final String SOURCE = "Greeter.java";
    private static final String ID = "greeter";

    private final Path folder;

    DemoJars(Path folder) {
        this.folder = folder;
    }

    /** Compiles and packs the source of that version. */
    Path build(String version) throws IOException {
        Path work = Files.createDirectories(folder.resolve(ID + "-" + version));
        Path classes = Files.createDirectories(work.resolve("classes"));
        compile(source(version, work), classes);
        Path jar = folder.resolve(ID + "-" + version + ".jar");
        pack(version, classes, jar);
        return jar;
    }

    private static Path source(String version, Path work) throws IOException {
        String name = "demo/" + ID + "-" + version + "/" + SOURCE;
        try (InputStream in = DemoJars.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not in the command's jar");
            }
            return Files.write(work.resolve(SOURCE), in.readAllBytes());
        }
    }

    private static void compile(Path source, Path classes) {
        ToolProvider javac = ToolProvider.findFirst("javac")
                .orElseThrow(() -> new Failure(
                        ExitCode.PREREQUISITE,
                        "NO_COMPILER",
                        "this Java has no compiler",
                        "install openjdk-17-jdk-headless (apt-get install openjdk-17-jdk-headless)"));
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        String[] words = {
            "--release",
            "17",
            "-cp",
            System.getProperty("java.class.path"),
            "-processor",
            "org.pf4j.processor.ExtensionAnnotationProcessor",
            "-d",
            classes.toString(),
            source.toString()
        };
        Demo.require(javac.run(out, out, words) == 0, said.toString().strip());
    }

    private static void pack(String version, Path classes, Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Plugin-Id", ID);
        manifest.getMainAttributes().putValue("Plugin-Version", version);
        try (Stream<Path> files = Files.walk(classes)) {
            List<String> names = files.filter(Files::isRegularFile)
                    .map(file -> ClassesJar.name(classes, file))
                    .sorted()
                    .toList();
            ClassesJar.pack(classes, names, manifest, jar);
        }
    }
}
