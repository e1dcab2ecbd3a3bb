package io.jackfield.broker.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.dispatch.RouteTable;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's own services: a request to {@code jf.NAME} is answered with what there is now, as JSON {@code {"NAME": ...}}. Owned by the
 * broker loop.
 *
 * <p>Of a long list one page is given, and {@code "next": N} with it: the body {@code {"from": N}} asks for the rows from that one on. Rows that come
 * and go meanwhile may be told twice, or not at all.
 */
public final class AdminServices {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServices.class);
    private static final String PREFIX = "jf.";

    /** Of one page: what the loop spends on an answer has a limit, however many peers there are. */
    private static final int ROWS_MAX = 1000;

    private static final int QUESTION_BYTES_MAX = 1024;
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
        OptionalInt from = from(envelope.body());
        if (from.isEmpty()) {
            envelope.fail(Failure.of(
                    ErrorCode.BAD_REQUEST,
                    "the body of a request to " + PREFIX + name + " (expected: empty, {} or {\"from\": N})",
                    "send nothing, or with from what next said"));
            return;
        }
        Frames body;
        try {
            body = Frames.of(mapper.writeValueAsBytes(page(name, view.get(), from.getAsInt())));
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.error("the view {} failed", name, e);
            String cause = "the view " + name + " cannot be given: " + e.getMessage();
            envelope.fail(Failure.of(ErrorCode.INTERNAL_ERROR, cause, "report this"));
            return;
        }
        envelope.complete(new Reply(JSON, body, false, false));
    }

    /** The row to begin with; empty if the body says nothing that can be understood. */
    private OptionalInt from(Frames body) {
        if (body.bodyBytes() == 0) {
            return OptionalInt.of(0);
        }
        if (body.bodyBytes() > QUESTION_BYTES_MAX) {
            return OptionalInt.empty();
        }
        try {
            JsonNode question = mapper.readTree(body.joined());
            JsonNode from = question.path("from");
            boolean understood =
                    question.isObject() && (from.isMissingNode() || (from.isInt() && from.intValue() >= 0));
            return understood ? OptionalInt.of(from.asInt()) : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    private static Map<String, Object> page(String name, Object view, int from) {
        Map<String, Object> page = new LinkedHashMap<>();
        if (view instanceof List<?> rows) {
            int begin = Math.min(from, rows.size());
            int end = Math.min(rows.size(), begin + ROWS_MAX);
            page.put(name, rows.subList(begin, end));
            if (end < rows.size()) {
                page.put("next", end);
            }
        } else {
            page.put(name, view);
        }
        return page;
    }
}
