package io.jackfield.protocol;

/** The flag bits of the fixed header (PROTOCOL.md section 4.1). */
public final class Flags {
    /** No flag. */
    public static final int NONE = 0;
    /** REPLY: more replies to the same request follow. */
    public static final int PARTIAL = 0x01;
    /** Final REPLY: the pipeline ends here. */
    public static final int EARLY_EXIT = 0x02;
    /** REQUEST and REPLY in Kryo framing: the body is one object that only the kits' Kryo opens. */
    public static final int OBJECT = 0x04;
    /** REQUEST: the client allows that it is carried out more than once. */
    public static final int IDEMPOTENT = 0x08;

    private Flags() {}

    /**
     * Tells whether a flag is set.
     *
     * @param flags the flags of a message
     * @param flag one of the constants of this class
     * @return whether the bit is set
     */
    public static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }
}
