package io.jackfield.kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * A way to a broker that can be shut. Leaves the first connections unanswered, as JeroMQ's own ends sometimes do, and passes on every later
 * one.
 */
final class Relay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Socket> passedOn = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch open = new CountDownLatch(0);
    private final int silent;
    private final int targetPort;

    Relay(int silent, int targetPort) throws IOException {
        this.silent = silent;
        this.targetPort = targetPort;
        inBackground(this::accept);
    }

    String endpoint() {
        return "tcp://127.0.0.1:" + listener.getLocalPort();
    }

    /** Nothing more is read of what comes for the target, but for a few bytes, until {@link #release}. */
    void hold() {
        open = new CountDownLatch(1);
    }

    void release() {
        open.countDown();
    }

    int accepted() {
        return accepted.size();
    }

    @Override
    public void close() throws IOException {
        release();
        listener.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        for (Socket socket : passedOn) {
            socket.close();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = listener.accept();
            accepted.add(socket);
            if (accepted.size() > silent) {
                Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                passedOn.add(target);
                inBackground(() -> copy(socket, target, true));
                inBackground(() -> copy(target, socket, false));
            }
        }
    }

    private void copy(Socket from, Socket to, boolean held) throws IOException {
        InputStream input = from.getInputStream();
        byte[] bytes = new byte[8192];
        for (int count = input.read(bytes); count >= 0; count = input.read(bytes)) {
            if (held) {
                Await.whateverComes(open);
            }
            to.getOutputStream().write(bytes, 0, count);
        }
    }

    private void inBackground(Copying copying) {
        Thread thread = new Thread(() -> {
            try {
                copying.run();
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Copying {
        void run() throws IOException;
    }
}
