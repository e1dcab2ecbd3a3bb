package io.jackfield.broker.pubsub;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a subscription asks for: the bytes that the first frame of a message begins with. Immutable. Ordered, so that a table of topics stays
 * fast when somebody picks them for equal hashes.
 */
public final class Topic implements Comparable<Topic> {
    private final byte[] bytes;

    private Topic(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of what is between position and limit, which stay as they are. */
    public static Topic of(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return new Topic(copy);
    }

    /** The bytes; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int compareTo(Topic other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topic topic && Arrays.equals(bytes, topic.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
