package io.jackfield.command.conformance;

/**
 * Something that must hold for every client with every worker.
 *
 * @param name for people
 * @param play what is done and expected
 */
record Scenario(String name, Play play) {
    /** What is done and expected; throws {@link Broken} if it does not hold. */
    interface Play {
        void run(Pair pair) throws Exception;
    }
}
