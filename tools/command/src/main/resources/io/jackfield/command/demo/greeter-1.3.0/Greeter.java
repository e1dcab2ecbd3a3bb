import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/** A bad version that knows it: its self-test fails, and no client ever hears of it. */
@Service(name = "greet", version = "1.3.0", concurrency = 32)
public final class Greeter implements Handler {
    @Override
    public void selfTest(HandlerContext context) {
        throw new IllegalStateException("no connection to the table of names");
    }

    @Override
    public Reply handle(Request request, HandlerContext context) {
        return Reply.text("Hello nobody");
    }
}
