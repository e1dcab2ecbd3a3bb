package io.jackfield.plugins.echo;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/** Gives back what it is given: parts and content type. */
@Service(name = "echo", version = "1", idempotent = true, nonBlocking = true)
public final class Echo implements Handler {

    @Override
    public Reply handle(Request request, HandlerContext context) {
        Reply reply = Reply.ofParts(request.parts());
        return request.contentType().map(reply::withContentType).orElse(reply);
    }
}
