package io.jackfield.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The number of a class in Kryo bodies, the same for clients and workers: a record, an enum, or a class with a
 * constructor without parameters. Classes without it travel as JSON only.
 *
 * <p>Kryo writes fields by position, without names: a class that got another field is another class, with another
 * number. JSON is what evolves by itself.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface KryoId {

    /**
     * The number.
     *
     * @return 100 to 65535, no two classes of one plugin with the same
     */
    int value();
}
