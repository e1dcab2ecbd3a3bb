package io.jackfield.broker.plugin;

import io.jackfield.host.HandlerFigures;
import java.util.List;

/**
 * A plugin at one moment, for people and programs that watch. Immutable.
 *
 * @param id of the plugin; of a refused jar whose id is not known, the file's name
 * @param version as the plugin says; empty where its manifest could not be read
 * @param state {@code loading}, {@code serving}, {@code ramping}, {@code draining}, {@code stuck} in its own code, {@code pinned}: unloaded and
 *     kept in memory by something, {@code disabled}, {@code waiting} for another plugin, {@code refused}, or {@code replaced} by another file
 * @param generation counts what this broker has loaded, from 1; 0 where nothing is loaded
 * @param services that it serves, or is to serve
 * @param sha256 of the jar
 * @param file name in the watched folder
 * @param reason of a refusal: code, cause and hint in one line; else why it is as it is, in plain words; empty where there is nothing to say
 * @param dependencies the plugins that it cannot be without, each as {@code id@range}
 * @param dependents ids of the plugins in the folder that cannot be without it
 * @param handlers how each of its handlers does; empty where none is loaded
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
        List<String> dependencies,
        List<String> dependents,
        List<HandlerFigures> handlers) {}
