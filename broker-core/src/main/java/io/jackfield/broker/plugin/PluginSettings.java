package io.jackfield.broker.plugin;

import java.nio.file.Path;

/**
 * How the broker takes plugins.
 *
 * @param dir the watched folder; made where it does not exist
 * @param rescanMs how often it is looked through
 * @param queueLengthMax calls that wait for one handler's threads
 * @param drainTimeoutMs how long a removed or replaced plugin may finish what it has
 * @param bodyBytesMax of a handler's reply, all parts together
 */
public record PluginSettings(Path dir, long rescanMs, int queueLengthMax, long drainTimeoutMs, int bodyBytesMax) {}
