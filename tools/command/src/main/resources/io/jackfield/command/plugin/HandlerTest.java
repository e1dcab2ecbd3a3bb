package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jackfield.testing.TestBroker;
import org.junit.jupiter.api.Test;

class @Class@Test {

    @Test
    void shouldGreetThroughARealBroker() {
        assertEquals("{\"greeting\":\"Hello Ada\"}", TestBroker.ask(@Class@.class, "@name@", "{\"name\":\"Ada\"}"));
    }
}
