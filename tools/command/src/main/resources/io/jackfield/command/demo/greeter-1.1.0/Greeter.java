import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/** A good version: it says a little more. */
@Service(name = "greet", version = "1.1.0", concurrency = 32)
public final class Greeter implements Handler {
    @Override
    public Reply handle(Request request, HandlerContext context) {
        return Reply.text("Hello " + request.text() + ", nice to see you");
    }
}
