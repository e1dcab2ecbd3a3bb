import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/** What serves when the demo begins. */
@Service(name = "greet", version = "1.0.0", concurrency = 32)
public final class Greeter implements Handler {
    @Override
    public Reply handle(Request request, HandlerContext context) {
        return Reply.text("Hello " + request.text());
    }
}
