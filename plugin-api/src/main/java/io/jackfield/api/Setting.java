package io.jackfield.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a component of a configuration record ({@link Service#config()}) has where the file says nothing, and what it
 * may have. All three are written as in the file: {@code "3"}, {@code "64KiB"}, {@code "2s"}, {@code "fast"}.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /**
     * The default.
     *
     * @return a value; empty: there is none, and the file must have the key
     */
    String value() default "";

    /**
     * The least number, size or time that is allowed.
     *
     * @return a value; empty: any
     */
    String min() default "";

    /**
     * The greatest number, size or time that is allowed.
     *
     * @return a value; empty: any
     */
    String max() default "";
}
