package io.jackfield.host;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a plugin logs, in the host's log under {@code plugin.<id>}. Safe for any thread. */
final class PluginLogger implements System.Logger {

    private final Logger log;

    PluginLogger(String pluginId) {
        this.log = LoggerFactory.getLogger("plugin." + pluginId);
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return switch (level) {
            case ALL, TRACE -> log.isTraceEnabled();
            case DEBUG -> log.isDebugEnabled();
            case INFO -> log.isInfoEnabled();
            case WARNING -> log.isWarnEnabled();
            case ERROR -> log.isErrorEnabled();
            case OFF -> false;
        };
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
        if (isLoggable(level)) {
            write(level, localized(bundle, message), thrown);
        }
    }

    @Override
    public void log(
            Level level,
            @Nullable ResourceBundle bundle,
            @Nullable String format,
            @Nullable Object @Nullable ... values) {
        if (isLoggable(level)) {
            String pattern = localized(bundle, format);
            boolean plain = values == null || values.length == 0;
            write(level, plain ? pattern : MessageFormat.format(pattern, values), null);
        }
    }

    // The interface's own version refuses a null cause, which "nothing was thrown" often is.
    @Override
    public void log(Level level, Supplier<String> message, @Nullable Throwable thrown) {
        if (isLoggable(level)) {
            write(level, message.get(), thrown);
        }
    }

    private void write(Level level, String text, @Nullable Throwable thrown) {
        switch (level) {
            case ALL, TRACE -> log.trace(text, thrown);
            case DEBUG -> log.debug(text, thrown);
            case INFO -> log.info(text, thrown);
            case WARNING -> log.warn(text, thrown);
            case ERROR -> log.error(text, thrown);
            case OFF -> {}
        }
    }

    private static String localized(@Nullable ResourceBundle bundle, @Nullable String key) {
        String text = String.valueOf(key);
        return bundle != null && bundle.containsKey(text) ? bundle.getString(text) : text;
    }
}
