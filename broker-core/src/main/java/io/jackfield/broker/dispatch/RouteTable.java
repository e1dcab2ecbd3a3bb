package io.jackfield.broker.dispatch;

import io.jackfield.broker.model.RequestSink;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and what takes the requests for them. Owned by the broker loop. */
public final class RouteTable {
    private final Map<String, RequestSink> sinks = new HashMap<>();

    /** What was asked for last: as a rule the next request is for the same. */
    private String lastName = "";

    private @Nullable RequestSink lastSink;

    /** Gives the name to a sink other than a plain service; the name must be free. */
    public void add(String name, RequestSink sink) {
        RequestSink before = sinks.putIfAbsent(name, sink);
        if (before != null) {
            throw new IllegalArgumentException("service name: " + name + " (expected: one that is free)");
        }
    }

    void remove(String name) {
        sinks.remove(name);
        lastSink = null;
    }

    @Nullable
    RequestSink get(String name) {
        RequestSink last = lastSink;
        if (last != null && name.equals(lastName)) {
            return last;
        }
        RequestSink sink = sinks.get(name);
        lastName = name;
        lastSink = sink;
        return sink;
    }
}
