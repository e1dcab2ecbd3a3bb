package io.jackfield.host;

import java.sql.Driver;
import java.sql.DriverManager;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lists the JDBC drivers of the class loader that this class is of. Never used as it is: {@link RegisteredObjects} defines it
 * once more, in a plugin's class loader. So it is public, and uses nothing but the JDK.
 */
public final class DriverNames implements Supplier<List<String>> {

    /** For {@link RegisteredObjects}. */
    public DriverNames() {}

    @Override
    public List<String> get() {
        ClassLoader own = DriverNames.class.getClassLoader();
        return DriverManager.drivers()
                .map(Driver::getClass)
                .filter(type -> type.getClassLoader() == own)
                .map(Class::getName)
                .sorted()
                .toList();
    }
}
