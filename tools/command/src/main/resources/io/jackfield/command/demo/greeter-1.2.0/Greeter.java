import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/** A bad version: it asks something that does not answer for a while, each time. */
@Service(name = "greet", version = "1.2.0", concurrency = 32)
public final class Greeter implements Handler {
    @Override
    public Reply handle(Request request, HandlerContext context) throws InterruptedException {
        Thread.sleep(1_200);
        return Reply.text("Hello " + request.text() + ", at last");
    }
}
