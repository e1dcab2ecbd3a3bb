package io.jackfield.command.conformance;

import java.util.ArrayList;
import java.util.List;

/** The agent of the Java kit: {@code worker} or {@code client}, then options. Its own program, in a process of its own. */
final class JavaAgent {
    private JavaAgent() {}

    public static void main(String[] args) throws Exception {
        List<String> endpoints = new ArrayList<>();
        String prefix = "conf";
        int credit = 1;
        for (int i = 1; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--connect" -> endpoints.add(args[i + 1]);
                case "--prefix" -> prefix = args[i + 1];
                case "--credit" -> credit = Integer.parseInt(args[i + 1]);
                default -> throw new IllegalArgumentException("option: " + args[i]);
            }
        }
        if (args[0].equals("worker")) {
            JavaWorkerAgent.run(endpoints, prefix, credit);
        } else {
            JavaClientAgent.run(endpoints);
        }
    }
}
