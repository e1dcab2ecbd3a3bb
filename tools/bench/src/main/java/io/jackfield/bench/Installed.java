package io.jackfield.bench;

import io.jackfield.command.ExitCode;
import io.jackfield.command.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The programs that are there. */
final class Installed {

    /** Where Debian puts servers, and which only root has in its path. */
    private static final String SERVERS = "/usr/sbin";

    private Installed() {}

    /**
     * Where the program is. Ends the command if it is nowhere, with what to install.
     *
     * @param why what it is needed for
     */
    static Path require(String program, String why, String packages) {
        return find(program, folders(), why, packages);
    }

    static Path find(String program, List<Path> folders, String why, String packages) {
        return folders.stream()
                .map(folder -> folder.resolve(program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElseThrow(() -> missing(program + " is needed " + why, packages));
    }

    static Failure missing(String what, String packages) {
        return new Failure(ExitCode.PREREQUISITE, "NOT_INSTALLED", what, "please install: apt-get install " + packages);
    }

    private static List<Path> folders() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":", -1)), Stream.of(SERVERS))
                .map(Path::of)
                .toList();
    }
}
