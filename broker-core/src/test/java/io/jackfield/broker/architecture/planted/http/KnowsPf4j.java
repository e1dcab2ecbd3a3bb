package io.jackfield.broker.architecture.planted.http;

import org.pf4j.PluginManager;

/** Plugins are loaded by the plugin host. */
public final class KnowsPf4j {
    Class<?> forbidden = PluginManager.class;
}
