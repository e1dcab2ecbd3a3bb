package io.jackfield.protocol;

/** The sizes and counts of PROTOCOL.md section 6 that are part of the protocol itself, not of a configuration. */
public final class Limits {
    /** A service name, in bytes of UTF-8. */
    public static final int SERVICE_NAME_BYTES_MAX = 255;
    /** An encoded header block, in bytes. */
    public static final int HEADER_BLOCK_BYTES_MAX = 8192;
    /** Headers in one block. */
    public static final int HEADERS_MAX = 64;
    /** The name of a header, in bytes. */
    public static final int HEADER_NAME_BYTES_MAX = 64;
    /** The value of a header, in bytes of UTF-8. */
    public static final int HEADER_VALUE_BYTES_MAX = 4096;
    /** Body parts of one message; for READY, the services that it declares. */
    public static final int BODY_PARTS_MAX = 64;
    /** Frames of one message on the wire: body parts and what any dialect puts before them. */
    public static final int FRAMES_MAX = 72;
    /** The error line that plain and MDP clients receive, in bytes of UTF-8. */
    public static final int ERROR_LINE_BYTES_MAX = 1024;
    /** The largest 16-bit field: codes, counts, credit. */
    public static final int U16_MAX = 0xFFFF;
    /** The largest 32-bit field: times in milliseconds. */
    public static final long U32_MAX = 0xFFFF_FFFFL;

    private Limits() {}
}
