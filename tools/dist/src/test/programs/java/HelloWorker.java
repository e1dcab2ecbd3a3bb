import java.nio.charset.StandardCharsets;
import org.zeromq.ZMQ;

/** The article's server behind a broker, in Java, without its sleep: HelloWorker ADDRESS NAME. */
@SuppressWarnings("deprecation") // as the article calls it
public final class HelloWorker {
    public static void main(String[] args) {
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket responder = context.socket(ZMQ.REP);
        responder.connect(args[0]);
        while (!Thread.currentThread().isInterrupted()) {
            responder.recv(0);
            String reply = "World from " + args[1];
            responder.send(reply.getBytes(StandardCharsets.UTF_8), 0);
        }
        responder.close();
        context.term();
    }
}
