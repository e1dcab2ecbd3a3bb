package io.jackfield.broker.dispatch;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jackfield.broker.model.RequestSink;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    private final RouteTable routes = new RouteTable();
    private final RequestSink first = envelope -> {};
    private final RequestSink second = envelope -> {};

    @Test
    void shouldKnowWhatIsThereNow() {
        assertNull(routes.get("a"));
        routes.add("a", first);
        routes.add("b", second);
        assertSame(first, routes.get("a"));
        assertSame(first, routes.get("a"));
        assertSame(second, routes.get("b"));
        assertSame(first, routes.get("a"));

        routes.remove("a");
        assertNull(routes.get("a"));
        routes.add("a", second);
        assertSame(second, routes.get("a"));
    }

    @Test
    void shouldRefuseANameThatIsTaken() {
        routes.add("a", first);
        assertThrows(IllegalArgumentException.class, () -> routes.add("a", second));
        assertSame(first, routes.get("a"));
    }
}
