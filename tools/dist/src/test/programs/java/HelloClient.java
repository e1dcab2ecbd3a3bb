import java.nio.charset.StandardCharsets;
import org.zeromq.ZMQ;

/** The article's client in Java: HelloClient ADDRESS COUNT. */
@SuppressWarnings("deprecation") // as the article calls it
public final class HelloClient {
    public static void main(String[] args) {
        int count = Integer.parseInt(args[1]);
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket requester = context.socket(ZMQ.REQ);
        requester.connect(args[0]);
        for (int requestNbr = 0; requestNbr != count; requestNbr++) {
            String request = "Hello" + requestNbr;
            requester.send(request.getBytes(StandardCharsets.UTF_8), 0);
            byte[] reply = requester.recv(0);
            if (!new String(reply, StandardCharsets.UTF_8).startsWith("World")) {
                throw new AssertionError(new String(reply, StandardCharsets.UTF_8));
            }
        }
        System.out.println("received " + count);
        requester.close();
        context.term();
    }
}
