package io.jackfield.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Jars that were compiled against an older version of this module must run with every newer one. So what is public here
 * is written down in signatures.txt, and lines of it are never changed and never taken away.
 */
final class SignatureTest {

    private static final int PUBLIC_TYPES_MAX = 12;
    private static final String GOLDEN = "/signatures.txt";

    @Test
    void shouldKeepEverySignatureThatWasEverPublic() throws Exception {
        TreeSet<String> lost = new TreeSet<>(golden());
        lost.removeAll(signatures());
        assertTrue(lost.isEmpty(), () -> "these were public; plugins in use need them:\n" + String.join("\n", lost));
    }

    @Test
    void shouldHaveWrittenDownEverySignatureThatIsPublic() throws Exception {
        TreeSet<String> added = new TreeSet<>(signatures());
        added.removeAll(golden());
        assertTrue(added.isEmpty(), () -> "new promises; add them to signatures.txt:\n" + String.join("\n", added));
    }

    @Test
    void shouldStaySmall() throws Exception {
        List<Class<?>> types = publicTypes();
        assertTrue(types.size() <= PUBLIC_TYPES_MAX, () -> "public types: " + types);
        assertTrue(types.contains(Handler.class), "the module's classes were found");
    }

    /** A method without a default that comes later would break the handlers and test contexts that exist. */
    @Test
    void shouldNeverAskMoreOfThoseWhoImplementAnInterface() {
        assertEquals(List.of("handle"), mustBeWritten(Handler.class));
        assertEquals(List.of("handleAsync"), mustBeWritten(AsyncHandler.class));
        assertEquals(List.of("answer"), mustBeWritten(TypedHandler.class));
        assertEquals(
                List.of("config", "deadline", "isCancelled", "logger", "partial", "remaining"),
                mustBeWritten(HandlerContext.class));
    }

    private static List<String> mustBeWritten(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .map(Method::getName)
                .sorted()
                .toList();
    }

    private static List<String> golden() throws IOException {
        try (InputStream in = SignatureTest.class.getResourceAsStream(GOLDEN)) {
            if (in == null) {
                throw new AssertionError(GOLDEN + " is missing");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }

    private static List<String> signatures() throws Exception {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            lines.add(type.toGenericString() + parents(type));
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                addIfPromised(lines, constructor, constructor.toGenericString());
            }
            for (Method method : type.getDeclaredMethods()) {
                addIfPromised(lines, method, method.toGenericString() + defaultValue(method));
            }
        }
        return lines;
    }

    private static String parents(Class<?> type) {
        Stream<Class<?>> parents =
                Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()));
        return parents.map(Class::getName).sorted().reduce("", (all, one) -> all + " : " + one);
    }

    private static String defaultValue(Method method) {
        return method.getDefaultValue() == null ? "" : " = " + method.getDefaultValue();
    }

    private static void addIfPromised(List<String> lines, Executable member, String line) {
        boolean promised = Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers());
        if (promised && !member.isSynthetic()) {
            lines.add(line);
        }
    }

    private static List<Class<?>> publicTypes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path classes = Path.of(Handler.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(classes.resolve("io/jackfield/api"))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (!name.endsWith(".class") || name.equals("package-info.class")) {
                    continue;
                }
                Class<?> type = Class.forName("io.jackfield.api." + name.substring(0, name.length() - 6));
                if (Modifier.isPublic(type.getModifiers())) {
                    types.add(type);
                }
            }
        }
        return types;
    }
}
