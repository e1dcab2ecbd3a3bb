package io.jackfield.broker.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.dispatch.RouteTable;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's own services: a request to {@code jf.NAME} is answered with what there is now, as JSON {@code {"NAME": ...}}. Owned by the
 * broker loop. The request's body is not read.
 */
public final class AdminServices {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServices.class);
    private static final String PREFIX = "jf.";
    private static final Headers JSON = Headers.of("content-type", "application/json");

    private final RouteTable routes;
    private final ObjectMapper mapper = new ObjectMapper();

    public AdminServices(RouteTable routes) {
        this.routes = routes;
    }

    /** Offers a view under {@code jf.NAME}; the supplier is called on the loop and gives records, a list or a map of them. */
    public void add(String name, Supplier<?> view) {
        routes.add(PREFIX + name, envelope -> answer(envelope, name, view));
    }

    private void answer(Envelope envelope, String name, Supplier<?> view) {
        Frames body;
        try {
            body = Frames.of(mapper.writeValueAsBytes(Map.of(name, view.get())));
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.error("the view {} failed", name, e);
            String cause = "the view " + name + " cannot be given: " + e.getMessage();
            envelope.fail(Failure.of(ErrorCode.INTERNAL_ERROR, cause, "report this"));
            return;
        }
        envelope.complete(new Reply(JSON, body, false, false));
    }
}
