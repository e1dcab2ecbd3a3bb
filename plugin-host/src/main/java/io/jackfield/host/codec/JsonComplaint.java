package io.jackfield.host.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.jackfield.api.HandlerException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What was wrong with a JSON body, in one sentence that begins with the path of the field. */
final class JsonComplaint {

    static final String BODY = "the body";
    private static final int REASON_LENGTH_MAX = 300;

    private final TypeFactory types;
    private final JavaType root;

    JsonComplaint(TypeFactory types, JavaType root) {
        this.types = types;
        this.root = root;
    }

    /** The parser must still stand where reading failed. */
    HandlerException of(IOException failed, JsonParser parser) {
        String path = failed instanceof JsonMappingException mapping ? path(mapping) : "";
        HandlerException refusal = HandlerException.badRequest(
                (path.isEmpty() ? BODY : path) + ": " + reason(failed, parser),
                "change the request to what the service expects");
        refusal.initCause(failed);
        return refusal;
    }

    HandlerException ofNothing(String found) {
        return HandlerException.badRequest(
                BODY + ": expected " + Words.expected(root) + ", found " + found,
                "change the request to what the service expects");
    }

    private String reason(IOException failed, JsonParser parser) {
        IOException syntax = syntax(failed);
        if (failed instanceof InvalidFormatException format) {
            return expected(format.getTargetType()) + ", found " + value(format.getValue());
        }
        if (syntax instanceof InputCoercionException range) {
            return "expected " + Words.range(range.getTargetType()) + ", found " + found(parser);
        }
        if (failed instanceof ValueInstantiationException refused) {
            return thrown(refused);
        }
        if (failed instanceof InvalidDefinitionException) {
            // The service's author's error, or a type that needs to be told which class is meant.
            return cut(failed.getMessage());
        }
        if (failed instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return expected(mismatch.getTargetType()) + ", found " + found(parser);
        }
        return notJson(syntax == null ? failed : syntax);
    }

    private static @Nullable IOException syntax(IOException failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof StreamReadException || cause instanceof StreamConstraintsException) {
                return (IOException) cause;
            }
        }
        return null;
    }

    private String expected(Class<?> type) {
        // The root's own type arguments are known, those of a field are not, and need not be.
        JavaType target = root.hasRawClass(type) ? root : types.constructType(type);
        return "expected " + Words.expected(target);
    }

    /** A constructor refused; what it says is for the client. */
    private static String thrown(ValueInstantiationException refused) {
        Throwable cause = refused.getCause() == null ? refused : refused.getCause();
        String message = cause.getMessage();
        return cut(
                message == null
                        ? "refused by " + refused.getType().getRawClass().getSimpleName()
                        : message);
    }

    private static String notJson(IOException failed) {
        if (failed instanceof StreamConstraintsException) {
            return cut(original(failed).replaceFirst(",? from `[^`]*`", ""));
        }
        String place = "";
        if (failed instanceof JsonProcessingException syntax && syntax.getLocation() != null) {
            place = " in line " + syntax.getLocation().getLineNr() + ", column "
                    + syntax.getLocation().getColumnNr();
        }
        return "not JSON" + place + ": " + cut(original(failed));
    }

    private static String original(IOException failed) {
        return failed instanceof JsonProcessingException json
                ? json.getOriginalMessage()
                : String.valueOf(failed.getMessage());
    }

    private static String path(JsonMappingException mapping) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.length() == 0 ? "" : ".").append(Words.cut(step.getFieldName()));
            }
        }
        return path.toString();
    }

    private static String value(Object value) {
        return value instanceof String text ? Words.quoted(text) : Words.cut(String.valueOf(value));
    }

    private static String found(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "nothing";
        }
        try {
            return switch (token) {
                case START_OBJECT -> "an object";
                // A field that is missed is noticed at the end of its object.
                case END_OBJECT, END_ARRAY, NOT_AVAILABLE -> "nothing";
                case START_ARRAY -> "an array";
                case VALUE_STRING, FIELD_NAME -> Words.quoted(parser.getText());
                default -> Words.cut(parser.getText());
            };
        } catch (IOException e) {
            return token.name();
        }
    }

    private static String cut(@Nullable String text) {
        String line = String.valueOf(text).lines().findFirst().orElse("");
        return line.length() <= REASON_LENGTH_MAX ? line : line.substring(0, REASON_LENGTH_MAX) + "...";
    }
}
