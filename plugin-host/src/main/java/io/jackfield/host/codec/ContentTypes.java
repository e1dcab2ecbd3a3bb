package io.jackfield.host.codec;

import io.jackfield.api.HandlerException;
import io.jackfield.api.Request;
import io.jackfield.protocol.Headers;
import java.util.Locale;
import java.util.Optional;

/** Which form a request's body has, and which one its reply gets. */
final class ContentTypes {

    static final String JSON = "application/json";
    private static final String KRYO = Headers.CONTENT_TYPE_KRYO;
    private static final String ACCEPT = "accept";

    private ContentTypes() {}

    enum Form {
        JSON(ContentTypes.JSON),
        KRYO(ContentTypes.KRYO);

        final String contentType;

        Form(String contentType) {
            this.contentType = contentType;
        }
    }

    /** Peers that have no headers, plain and Majordomo ones, speak JSON. */
    static Form ofBody(Request request) {
        Optional<String> given = request.contentType();
        return given.isEmpty() ? Form.JSON : form(given.get()).orElseThrow(() -> unsupported(given.get()));
    }

    static Form ofReply(Request request) {
        for (String one : request.headers().getOrDefault(ACCEPT, "").split(",", -1)) {
            Optional<Form> form = isRefused(one) ? Optional.empty() : form(one);
            if (form.isPresent()) {
                return form.get();
            }
        }
        return request.contentType().flatMap(ContentTypes::form).orElse(Form.JSON);
    }

    private static Optional<Form> form(String mediaType) {
        String type = mediaType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        if (type.equals(KRYO)) {
            return Optional.of(Form.KRYO);
        }
        boolean json = type.equals(JSON) || (type.startsWith("application/") && type.endsWith("+json"));
        return json ? Optional.of(Form.JSON) : Optional.empty();
    }

    private static boolean isRefused(String accepted) {
        return accepted.replace(" ", "").matches(".*;q=0(\\.0*)?(;.*)?");
    }

    private static HandlerException unsupported(String given) {
        return new HandlerException(
                "UNSUPPORTED_BODY",
                "content-type: " + Words.cut(given) + " (expected: " + JSON + " or " + KRYO + ")",
                "send JSON with content-type " + JSON);
    }
}
