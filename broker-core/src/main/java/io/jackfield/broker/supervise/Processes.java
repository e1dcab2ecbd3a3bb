package io.jackfield.broker.supervise;

/** The way to the operating system. Owned by the broker loop, which also hears all events; nothing here blocks it. */
public interface Processes {
    /** Starts one process of the program; the outcome is told to the listener. */
    Child start(WorkerProgram program, String name, Listener listener);

    /** One life of a process. */
    interface Child {
        /** The polite signal: a kit's worker drains and ends. */
        void terminate();

        /** Ends it at once. */
        void kill();

        /** Finds out how it is connected now; the answer is told to the listener. */
        void look();
    }

    /** What a process does; on the broker loop. */
    interface Listener {
        void started(long pid);

        /** Its resident memory, now and then; only for programs with a limit. */
        void measured(long residentBytes);

        /** How it is connected; the answer to {@link Child#look}. */
        void connected(Connections connections);

        /**
         * It is gone, or could not be started; nothing follows.
         *
         * @param how for people: {@code exit code 3}, {@code killed by signal 9}, {@code cannot be started: ...}
         */
        void ended(String how);
    }
}
