package io.jackfield.bench;

import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files a process may have open, connections among them: what we and the broker that we start may raise it to. */
final class OpenFiles {

    /** The second column is the hard limit; a JVM takes that for its own at its start, and so does the program of idle peers. */
    private static final Pattern LINE = Pattern.compile("Max open files +\\S+ +(\\S+) .*");

    private OpenFiles() {}

    /** Ends the command where so many peers, and whatever else a broker has open, are more than the system allows. */
    static void require(int peers, int others, long max) {
        long needed = (long) peers + others;
        if (needed > max) {
            throw new Failure(
                    ExitCode.PREREQUISITE,
                    "LIMIT_TOO_LOW",
                    "--idle " + peers + " needs " + needed + " open files in a process, and the limit here is " + max,
                    "raise it with ulimit -Hn " + needed + " as root, or ask for fewer");
        }
    }

    static long here() throws IOException {
        return max(Files.readAllLines(Path.of("/proc/self/limits")));
    }

    static long max(List<String> limits) {
        return limits.stream()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .mapToLong(max -> max.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(max))
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
