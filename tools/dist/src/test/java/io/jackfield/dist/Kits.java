package io.jackfield.dist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The C and Python programs of the checkout, set up once by the same script that demo and test use. */
final class Kits {

    private static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
    private static final String SET_UP =
            """
            set -euo pipefail
            home=$PWD exit_prerequisite=9
            fail() { printf '%s\\n' "$1" >&2; exit 1; }
            . tools/setup.sh
            want_c
            like_c_samples
            want_python zmq=python3-zmq
            set_up
            build_native "$home/native-workers-c/build" all
            echo "python=$JACKFIELD_PYTHON"
            """;

    private final String python;

    private Kits(String python) {
        this.python = python;
    }

    static Kits setUp() throws IOException, InterruptedException {
        try (Running script = Running.start(CHECKOUT, Map.of(), "bash", "-c", SET_UP)) {
            if (script.awaitExit() != 0) {
                throw new AssertionError("set-up failed: " + script.output());
            }
            String line = script.awaitLine("the Python", said -> said.startsWith("python="));
            return new Kits(line.substring("python=".length()));
        }
    }

    /** A sample of native-workers-c. */
    Running c(Path folder, String sample, String... arguments) throws IOException {
        return start(
                folder,
                CHECKOUT.resolve("native-workers-c/build/bin").resolve(sample).toString(),
                arguments);
    }

    /** A Python program with the kit on its path. */
    Running python(Path folder, Path program, String... arguments) throws IOException {
        String[] all = new String[arguments.length + 1];
        all[0] = program.toString();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return start(folder, python, all);
    }

    Path pythonSample(String name) {
        return CHECKOUT.resolve("worker-kits/python/samples").resolve(name);
    }

    static Path checkout() {
        return CHECKOUT;
    }

    private static Running start(Path folder, String program, String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = program;
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        String kit = CHECKOUT.resolve("worker-kits/python/src").toString();
        return Running.start(folder, Map.of("PYTHONPATH", kit, "PYTHONUNBUFFERED", "1"), command);
    }
}
