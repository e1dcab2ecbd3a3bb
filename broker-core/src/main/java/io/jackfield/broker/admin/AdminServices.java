package io.jackfield.broker.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.dispatch.RouteTable;
import io.jackfield.broker.loop.Mailbox;
import io.jackfield.broker.model.Envelope;
import io.jackfield.broker.model.Frames;
import io.jackfield.broker.model.Reply;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's own services: a request to {@code jf.NAME} is answered with what there is now, as JSON {@code {"NAME": ...}}, and some
 * requests have something done. Owned by the broker loop.
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

    private static final int BODY_BYTES_OF_NAMES_MAX = 1000;

    private final RouteTable routes;
    private final Mailbox mailbox;
    private final ObjectMapper mapper = new ObjectMapper();

    /** @param mailbox of the loop, for what other threads answer */
    public AdminServices(RouteTable routes, Mailbox mailbox) {
        this.routes = routes;
        this.mailbox = mailbox;
    }

    /**
     * What somebody asks to be done.
     *
     * @param headers of the request
     * @param body of the request, kept
     */
    public record Asked(Headers headers, Frames body) {
        /** All parts of the body together. */
        public byte[] bytes() {
            return body.joined();
        }

        /** The body as text without spaces around it, cut where it is too long to be a name. */
        public String text() {
            byte[] bytes = bytes();
            return new String(bytes, 0, Math.min(bytes.length, BODY_BYTES_OF_NAMES_MAX), StandardCharsets.UTF_8)
                    .strip();
        }
    }

    /** Carries out what was asked; it is called on the loop and must not block it. Fails with {@link RefusedException}. */
    @FunctionalInterface
    public interface Command {
        /** Gives records, a list or a map of them, on any thread. */
        CompletionStage<?> run(Asked asked);
    }

    /** Offers a command under {@code jf.NAME} to everybody: it changes nothing. The answer is {@code {"FIELD": ...}}. */
    public void addQuestion(String name, String field, Command command) {
        routes.add(PREFIX + name, envelope -> run(envelope, field, command));
    }

    /** Offers a command under {@code jf.NAME} to whom the endpoint that he comes through permits changes. */
    public void addChange(String name, String field, Command command) {
        routes.add(PREFIX + name, envelope -> {
            if (envelope.traits().mayAdminister()) {
                LOG.info("{} was asked for", PREFIX + name);
                run(envelope, field, command);
                return;
            }
            envelope.fail(Failure.of(
                    ErrorCode.NOT_PERMITTED,
                    PREFIX + name + " is not permitted through this endpoint",
                    "ask as a JF1 client, as the jackfield command does, through an endpoint with admin: on,"
                            + " or one that listens on a loopback address"));
        });
    }

    /** Offers a view under {@code jf.NAME}; the supplier is called on the loop and gives records, a list or a map of them. */
    public void add(String name, Supplier<?> view) {
        routes.add(PREFIX + name, envelope -> answer(envelope, name, view));
    }

    private void run(Envelope envelope, String field, Command command) {
        Asked asked = new Asked(envelope.headers(), envelope.body().kept());
        envelope.heldBy((given, why) -> given.fail(why));
        command.run(asked)
                .whenComplete((value, thrown) -> mailbox.post(() -> {
                    if (envelope.ended()) {
                        LOG.debug("whoever asked for {} has gone", envelope.service());
                    } else if (thrown == null) {
                        complete(envelope, field, () -> Map.of(field, value));
                    } else {
                        envelope.fail(failure(envelope.service(), thrown));
                    }
                }));
    }

    private static Failure failure(String service, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof RefusedException refused) {
            return refused.failure();
        }
        LOG.error("{} failed", service, cause);
        return Failure.of(ErrorCode.INTERNAL_ERROR, service + " failed: " + cause, "report this");
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
        complete(envelope, name, () -> page(name, view.get(), from.getAsInt()));
    }

    private void complete(Envelope envelope, String name, Supplier<Map<String, ?>> answer) {
        Frames body;
        try {
            body = Frames.of(mapper.writeValueAsBytes(answer.get()));
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

    private static Map<String, ?> page(String name, Object view, int from) {
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
