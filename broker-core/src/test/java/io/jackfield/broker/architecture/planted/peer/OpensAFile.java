package io.jackfield.broker.architecture.planted.peer;

import java.nio.file.Files;
import java.nio.file.Path;

/** A state machine that looks at the disk. */
public final class OpensAFile {
    boolean there = Files.exists(Path.of("/"));
}
