package io.jackfield.host;

import io.jackfield.api.Service;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.ProtocolException;
import io.jackfield.protocol.ServiceName;

/**
 * What a handler class declares in its {@link Service} annotation, checked. Immutable, and free of the plugin's classes,
 * so that it may outlive the plugin.
 *
 * @param service the service's name
 * @param version of the service
 * @param timeoutMs of a request, 0: the host's own
 * @param concurrency calls at a time, 1 or more
 * @param idempotent whether a request may be carried out twice
 * @param nonBlocking whether it may be called on a loop
 */
public record Declared(
        String service, String version, long timeoutMs, int concurrency, boolean idempotent, boolean nonBlocking) {

    private static final int CONCURRENCY_MAX = 10_000;
    private static final int VERSION_LENGTH_MAX = 100;

    static Declared parse(Service annotation, String className) throws PluginRefusedException {
        String name = checkedName(annotation.name(), className);
        String version = annotation.version();
        if (version.length() > VERSION_LENGTH_MAX || version.chars().anyMatch(Character::isISOControl)) {
            throw bad(className, "version: " + Texts.cut(version) + " (expected: at most 100 characters of text)");
        }
        if (annotation.timeoutMs() < 0) {
            throw bad(className, "timeoutMs: " + annotation.timeoutMs() + " (expected: >= 0)");
        }
        int asked = annotation.concurrency();
        if (asked < 0 || asked > CONCURRENCY_MAX) {
            throw bad(className, "concurrency: " + asked + " (expected: 0 to " + CONCURRENCY_MAX + ")");
        }
        int concurrency = asked == 0 ? Runtime.getRuntime().availableProcessors() : asked;
        return new Declared(
                name, version, annotation.timeoutMs(), concurrency, annotation.idempotent(), annotation.nonBlocking());
    }

    Declared withConcurrency(int newConcurrency) {
        return new Declared(service, version, timeoutMs, newConcurrency, idempotent, nonBlocking);
    }

    private static String checkedName(String name, String className) throws PluginRefusedException {
        String complaint;
        try {
            ServiceName.parse(name);
            if (!ServiceName.isReserved(name)) {
                return name;
            }
            complaint = "service name: " + name + " (expected: not jf. or mmi., which belong to the broker)";
        } catch (ProtocolException e) {
            complaint = e.message();
        }
        throw new PluginRefusedException(
                ErrorCode.BAD_SERVICE_NAME, className + ": " + complaint, "change the name in @Service");
    }

    private static PluginRefusedException bad(String className, String complaint) {
        return new PluginRefusedException(
                ErrorCode.PLUGIN_START_FAILED, className + ": @Service " + complaint, "change @Service");
    }
}
