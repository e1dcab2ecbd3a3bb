package io.jackfield.host;

import io.jackfield.api.Handler;
import io.jackfield.api.Service;
import io.jackfield.host.config.ConfigRefusedException;
import io.jackfield.protocol.ErrorCode;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the handlers of a plugin, where PF4J would log what goes wrong and go on without them. */
final class HandlerFactory {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerFactory.class);

    private final LoadedPlugin plugin;
    private final Map<Declared, Class<? extends Handler>> types;

    private HandlerFactory(LoadedPlugin plugin, Map<Declared, Class<? extends Handler>> types) {
        this.plugin = plugin;
        this.types = types;
    }

    record Made(Declared declared, Handler handler) {}

    /** Looks at the classes; none of them is initialised, and no constructor runs. */
    static HandlerFactory of(LoadedPlugin plugin, List<String> classNames) throws PluginRefusedException {
        Map<Declared, Class<? extends Handler>> types = new LinkedHashMap<>();
        Map<String, String> byService = new HashMap<>();
        for (String className : classNames) {
            Class<? extends Handler> type = handlerClass(plugin, className);
            Declared one = declared(type);
            String other = byService.putIfAbsent(one.service(), className);
            if (other != null) {
                throw new PluginRefusedException(
                        ErrorCode.PLUGIN_SERVICE_TAKEN,
                        "two handlers of the jar serve " + one.service() + ": " + other + " and " + className,
                        "give one of them another name in @Service");
            }
            bind(plugin, type);
            types.put(one, type);
        }
        return new HandlerFactory(plugin, types);
    }

    List<Declared> declared() {
        return List.copyOf(types.keySet());
    }

    List<Made> make() throws PluginRefusedException {
        List<Made> made = new ArrayList<>();
        for (Map.Entry<Declared, Class<? extends Handler>> one : types.entrySet()) {
            Handler handler = newHandler(one.getValue());
            plugin.add(handler);
            made.add(new Made(one.getKey(), handler));
        }
        return made;
    }

    private static Class<? extends Handler> handlerClass(LoadedPlugin plugin, String className)
            throws PluginRefusedException {
        Class<?> type;
        try {
            type = Class.forName(className, false, plugin.loader());
        } catch (ClassNotFoundException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_NO_HANDLER,
                    "META-INF/extensions.idx names " + className + ", which the jar does not have",
                    "build the plugin anew from an empty target folder",
                    e);
        } catch (LinkageError e) {
            throw cannotLink(className, e);
        }
        if (!Handler.class.isAssignableFrom(type)) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_NO_HANDLER,
                    className + " does not implement " + Handler.class.getName(),
                    "implement it, or take the annotation off the class");
        }
        return type.asSubclass(Handler.class);
    }

    private static Declared declared(Class<? extends Handler> type) throws PluginRefusedException {
        Service annotation;
        try {
            annotation = type.getAnnotation(Service.class);
        } catch (LinkageError e) {
            throw cannotLink(type.getName(), e);
        }
        if (annotation == null) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_NO_HANDLER,
                    type.getName() + " has no @Service",
                    "say which service it answers: @Service(name = \"...\")");
        }
        return Declared.parse(annotation, type.getName());
    }

    private static void bind(LoadedPlugin plugin, Class<? extends Handler> type) throws PluginRefusedException {
        try {
            plugin.bodies().bind(type);
            Service annotation = type.getAnnotation(Service.class);
            if (annotation != null && annotation.config() != void.class) {
                plugin.config().declare(annotation.config());
            }
        } catch (ConfigRefusedException e) {
            throw new PluginRefusedException(
                    ErrorCode.CONFIG_INVALID,
                    String.join("; ", e.problems()),
                    "change the file; the plugin's README should say what it may have",
                    e);
        } catch (IllegalArgumentException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_START_FAILED,
                    "the types of " + type.getName() + " cannot be used: " + Texts.of(e),
                    "change them; records of the plugin's own and the JDK's values and collections can be read",
                    e);
        } catch (LinkageError e) {
            throw cannotLink(type.getName(), e);
        }
    }

    private Handler newHandler(Class<? extends Handler> type) throws PluginRefusedException {
        try {
            return InPlugin.call(plugin.loader(), () -> type.getConstructor().newInstance());
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new PluginRefusedException(
                    ErrorCode.PLUGIN_START_FAILED,
                    type.getName() + " has no public constructor without parameters",
                    "make the class and such a constructor public, and the class not abstract",
                    e);
        } catch (InvocationTargetException e) {
            throw thrownBy("constructor", type, e.getTargetException());
        } catch (ExceptionInInitializerError e) {
            throw thrownBy("static initialiser", type, e.getException() == null ? e : e.getException());
        } catch (LinkageError e) {
            throw cannotLink(type.getName(), e);
        } catch (Exception e) {
            throw thrownBy("constructor", type, e);
        }
    }

    private PluginRefusedException thrownBy(String what, Class<?> type, Throwable thrown) {
        if (thrown instanceof ExceptionInInitializerError failed && failed.getException() != null) {
            return thrownBy("static initialiser", type, failed.getException());
        }
        if (thrown instanceof LinkageError missing) {
            return cannotLink(type.getName(), missing);
        }
        LOG.debug("{} cannot be made", type.getName(), thrown);
        return new PluginRefusedException(
                ErrorCode.PLUGIN_START_FAILED,
                "the " + what + " of " + type.getName() + " threw " + Texts.whereOf(thrown, plugin.loader()),
                "mend it there; what a handler needs from outside may be looked for in selfTest",
                thrown);
    }

    static PluginRefusedException cannotLink(String className, LinkageError e) {
        String hint = e instanceof UnsupportedClassVersionError
                ? "compile the plugin with release " + Runtime.version().feature() + " or lower"
                : "put the library into the jar: a plugin sees the JDK, the plugin API, pf4j and slf4j, and nothing else";
        return new PluginRefusedException(
                ErrorCode.PLUGIN_INCOMPATIBLE, className + " cannot be loaded: " + Texts.of(e), hint, e);
    }
}
