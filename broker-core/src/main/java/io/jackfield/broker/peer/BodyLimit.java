package io.jackfield.broker.peer;

import io.jackfield.broker.model.Frames;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import io.jackfield.protocol.Limits;
import org.jspecify.annotations.Nullable;

/** What every body must keep, whatever its dialect, for it may go on in another one (PROTOCOL.md 6). */
final class BodyLimit {
    private BodyLimit() {}

    /** The failure that says which limit the body breaks; null if it keeps all. */
    static @Nullable Failure breach(Frames body, int bytesMax) {
        if (body.count() > Limits.BODY_PARTS_MAX) {
            return Failure.of(
                    ErrorCode.BAD_MESSAGE,
                    "body parts: " + body.count() + " (expected: 1 to " + Limits.BODY_PARTS_MAX + ")",
                    "put more into each part");
        }
        // The frames' own headers come on top of the bytes: a body that fits with them fits.
        if (body.wireBytes() > bytesMax && body.bodyBytes() > bytesMax) {
            return Failure.of(
                    ErrorCode.TOO_LARGE,
                    "body: " + body.bodyBytes() + " bytes (expected: at most " + bytesMax + ", body-bytes-max)",
                    "send less, or raise body-bytes-max");
        }
        return null;
    }
}
