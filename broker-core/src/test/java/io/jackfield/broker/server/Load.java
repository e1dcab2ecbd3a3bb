package io.jackfield.broker.server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that ask a service over HTTP, one request after the other, until they are stopped. Owned by the test's thread. */
final class Load implements AutoCloseable {
    private final RunningBroker broker;
    private final String service;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicInteger answers = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    Load(RunningBroker broker, String service, int clientCount) {
        this.broker = broker;
        this.service = service;
        for (int i = 0; i < clientCount; i++) {
            Thread client = new Thread(this::ask, "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** So many more than now. */
    void awaitAnswers(int more) throws Exception {
        int count = answers.get() + more;
        RunningBroker.await(more + " more answers; failed: " + failures, () -> answers.get() >= count);
    }

    /** Returns when each client has the answer that it waits for. */
    void stop() throws InterruptedException {
        stopped = true;
        for (Thread client : clients) {
            client.join(TimeUnit.SECONDS.toMillis(RunningBroker.WAIT_S));
        }
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        stopped = true;
        clients.forEach(Thread::interrupt);
    }

    private void ask() {
        while (!stopped) {
            try {
                HttpResponse<String> answer = broker.post(service, "x");
                if (answer.statusCode() == 200) {
                    answers.incrementAndGet();
                } else {
                    failures.add(answer.body());
                }
            } catch (IOException e) {
                failures.add(e.toString());
            } catch (InterruptedException closed) {
                return;
            }
        }
    }
}
