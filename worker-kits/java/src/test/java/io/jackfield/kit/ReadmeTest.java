package io.jackfield.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.jackfield.protocol.Command;
import io.jackfield.protocol.Flags;
import io.jackfield.protocol.Headers;
import io.jackfield.protocol.Jf1Message;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's programs as they stand there. */
@Timeout(60)
final class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\\n(.*?public class (\\w+).*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void shouldWorkAsWritten() throws Exception {
        try (FakeBroker broker = new FakeBroker();
                URLClassLoader programs = compiled(broker.endpoint())) {
            Thread worker = running(programs, "Upper");
            Jf1Message ready = broker.welcome();
            assertEquals("upper", ready.declarations().get(0).name());
            broker.send(Jf1Message.request(1, "upper", Headers.EMPTY, List.of(buffer("hello")))
                    .withTimeMs(30_000)
                    .withCount(1));
            List<ByteBuffer> answer = broker.receive(Command.REPLY).body();
            assertEquals(List.of(buffer("HELLO")), answer);
            worker.interrupt();
            broker.receive(Command.DISCONNECT);
            worker.join();

            Thread client = running(programs, "Ask");
            Jf1Message request = broker.receive(Command.REQUEST);
            assertEquals("upper", request.service());
            assertEquals(List.of(buffer("hello")), request.body());
            broker.send(Jf1Message.reply(request.id(), Flags.NONE, Headers.EMPTY, answer));
            client.join();
        }
    }

    private URLClassLoader compiled(String endpoint) throws Exception {
        Matcher programs = PROGRAM.matcher(Files.readString(Path.of("README.md")));
        List<String> arguments = new ArrayList<>(
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"));
        while (programs.find()) {
            Path source = folder.resolve(programs.group(2) + ".java");
            String text = programs.group(1).replace("tcp://127.0.0.1:5555", endpoint);
            assertNotEquals(programs.group(1), text);
            Files.writeString(source, text);
            arguments.add(source.toString());
        }
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertEquals(0, code);
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
    }

    private static Thread running(ClassLoader programs, String name) {
        Thread thread = new Thread(() -> main(programs, name), name);
        thread.start();
        return thread;
    }

    private static void main(ClassLoader programs, String name) {
        try {
            programs.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException e) {
            assertInstanceOf(InterruptedException.class, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
