package io.jackfield.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.pf4j.Extension;

/**
 * Declares the service that a {@link Handler} answers. It is a PF4J extension annotation, so PF4J's annotation
 * processor, which must run when the plugin is compiled, lists the class in {@code META-INF/extensions.idx}.
 *
 * <p>What is declared here is the author's default; the broker's configuration of the service wins.
 *
 * @since 0.1
 */
@Documented
@Extension
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Service {

    /**
     * The name that clients ask for: 1 to 255 bytes of UTF-8 without control characters, spaces, {@code @} and
     * {@code /}. Names beginning {@code jf.} and {@code mmi.} belong to the broker.
     *
     * @return the name
     */
    String name();

    /**
     * The version of what the service promises, shown to whoever asks which services there are.
     *
     * @return the version, any text without control characters
     */
    String version() default "0";

    /**
     * How long a request may take, queueing included, when the client does not say.
     *
     * @return milliseconds; 0: what the broker is configured with
     */
    long timeoutMs() default 0;

    /**
     * How many requests this handler may have at a time. Above four times the number of processors they run on virtual
     * threads, where the JDK has them.
     *
     * @return the number, at most 10000; 0: as many as there are processors
     */
    int concurrency() default 0;

    /**
     * Whether a request may be carried out more than once, so that it is given to another worker when one was lost.
     *
     * @return true if so
     */
    boolean idempotent() default false;

    /**
     * Whether every call, for any input, ends within about 100 microseconds and never blocks. Such a handler may be
     * called on the broker's own loop, which saves two thread hops. Its first call is not, for it loads classes; nor is
     * any more once it has broken its word: it is put on threads until the plugin is replaced.
     *
     * @return true if so
     */
    boolean nonBlocking() default false;

    /**
     * The record that the plugin's configuration is bound to. Its components are the keys, {@code maxRetries} as {@code
     * max-retries}; their types are text, numbers (with {@code 64KiB} for whole ones), true or false, enums,
     * {@link java.time.Duration} ({@code 2s}), further records, and lists, maps by text and {@code Optional}s of these.
     * A component must be in the file unless it has a default in its {@link Setting} or is one of the last three.
     *
     * <p>What is wrong in the file keeps the plugin from being loaded, with file, line and key; a change while it runs
     * that is wrong changes nothing.
     *
     * @return a record; {@code void.class}: the plugin has {@link HandlerContext#config()} only, whose values nobody
     *     checks
     */
    Class<?> config() default void.class;
}
