package io.jackfield.broker.plugin;

import io.jackfield.host.HandlerFigures;
import java.util.List;

/**
 * A plugin at one moment, for people and programs that watch. Immutable.
 *
 * @param id of the plugin; of a refused jar whose id is not known, the file's name
 * @param version as the plugin says; empty for a refused jar
 * @param state {@code loading}, {@code serving}, {@code ramping}, {@code draining}, {@code stuck} in its own code, {@code pinned}: unloaded and
 *     kept in memory by something, {@code disabled}, {@code refused}, or {@code replaced} by another file
 * @param generation counts what this broker has loaded, from 1; 0 for a refused jar
 * @param sha256 of the jar
 * @param file name in the watched folder
 * @param reason why it was refused: code, cause and hint in one line; where it is stuck, what pins it; empty for others
 * @param handlers how each of its handlers does; empty for one that neither serves nor drains
 */
public record PluginView(
        String id,
        String version,
        String state,
        long generation,
        List<String> services,
        String sha256,
        String file,
        String reason,
        List<HandlerFigures> handlers) {}
