package io.jackfield.host;

import io.jackfield.protocol.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;

/**
 * What a jar says of itself, read without loading a class of it. Immutable.
 *
 * @param manifest its Plugin- entries, checked
 * @param handlerClasses the names in its extension index, 1 or more
 */
record PluginJar(PluginManifest manifest, List<String> handlerClasses) {

    private static final String INDEX = "META-INF/extensions.idx";
    private static final String API_FOLDER = "io/jackfield/api/";
    private static final int PIECE_BYTES = 1 << 16;

    /**
     * Reads every byte of the jar, so that a damaged entry is found here and not in the middle of a request.
     *
     * @param unpackedBytesMax of all entries together: a small jar may unpack to more than any disk holds
     */
    static PluginJar read(Path file, long unpackedBytesMax) throws PluginRefusedException {
        try (JarFile jar = new JarFile(file.toFile())) {
            PluginManifest manifest = manifest(jar);
            readEntries(jar, unpackedBytesMax);
            return new PluginJar(manifest, handlerClasses(jar));
        } catch (IOException | SecurityException e) {
            throw unreadable(e);
        }
    }

    /** Reads the manifest alone. */
    static PluginManifest manifest(Path file) throws PluginRefusedException {
        try (JarFile jar = new JarFile(file.toFile())) {
            return manifest(jar);
        } catch (IOException | SecurityException e) {
            throw unreadable(e);
        }
    }

    private static PluginManifest manifest(JarFile jar) throws IOException, PluginRefusedException {
        Manifest manifest;
        try {
            manifest = jar.getManifest();
        } catch (ZipException e) {
            throw e;
        } catch (IOException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_BAD_MANIFEST,
                    "META-INF/MANIFEST.MF cannot be understood: " + Texts.of(e),
                    "let the build write the manifest: Name: value in each line, Plugin-Id and Plugin-Version among them",
                    e);
        }
        if (manifest == null) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_BAD_MANIFEST,
                    "the jar has no META-INF/MANIFEST.MF",
                    "let the build write a manifest with Plugin-Id and Plugin-Version");
        }
        return PluginManifest.parse(manifest.getMainAttributes());
    }

    private static PluginRefusedException unreadable(Exception e) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_UNREADABLE,
                "the jar cannot be read: " + Texts.of(e),
                "copy it again, whole; a rename into the folder is safest",
                e);
    }

    private static void readEntries(JarFile jar, long unpackedBytesMax) throws IOException, PluginRefusedException {
        long leftBytes = unpackedBytesMax;
        Enumeration<JarEntry> entries = jar.entries();
        while (entries.hasMoreElements()) {
            JarEntry entry = entries.nextElement();
            if (isApiClass(entry.getName())) {
                throw new PluginRefusedException(
                        ErrorCode.PLUGIN_BUNDLES_API,
                        "the jar contains " + entry.getName(),
                        "give the dependency on jackfield-plugin-api the scope provided");
            }
            try (InputStream in = jar.getInputStream(entry)) {
                leftBytes = readAtMost(in, leftBytes);
            }
            if (leftBytes < 0) {
                throw new PluginRefusedException(
                        ErrorCode.PLUGIN_UNREADABLE,
                        "the jar unpacks to more than " + unpackedBytesMax + " bytes",
                        "leave out what the plugin does not need");
            }
        }
    }

    /** Returns how many bytes of the allowance are left; below 0: there is more to read. */
    private static long readAtMost(InputStream in, long allowedBytes) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        long leftBytes = allowedBytes;
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            leftBytes -= count;
            if (leftBytes < 0) {
                return leftBytes;
            }
        }
        return leftBytes;
    }

    private static boolean isApiClass(String entry) {
        boolean versioned = entry.startsWith("META-INF/versions/") && entry.contains("/" + API_FOLDER);
        return entry.endsWith(".class") && (versioned || entry.startsWith(API_FOLDER));
    }

    private static List<String> handlerClasses(JarFile jar) throws IOException, PluginRefusedException {
        JarEntry index = jar.getJarEntry(INDEX);
        if (index == null) {
            throw noHandler("the jar has no " + INDEX);
        }
        LinkedHashSet<String> names = new LinkedHashSet<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(jar.getInputStream(index), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String name = line.replaceFirst("#.*", "").trim();
                if (!name.isEmpty()) {
                    names.add(name);
                }
            }
        }
        if (names.isEmpty()) {
            throw noHandler(INDEX + " of the jar names no class");
        }
        return new ArrayList<>(names);
    }

    private static PluginRefusedException noHandler(String cause) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_NO_HANDLER,
                cause,
                "put @Service on a class that implements Handler, and pf4j on the compiler's annotation processor path");
    }
}
