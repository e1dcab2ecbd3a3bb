package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads bytes that nobody vouches for: each declared length is checked against what is left <em>before</em> Kryo allocates
 * for it. Kryo 5 itself believes a length of 2 GiB in a body of six bytes.
 *
 * <p>Used for one body and by one thread; over a buffer only, never over a stream, for a stream has no end to check against.
 */
public final class BoundedInput extends Input {
    /**
     * Elements of all arrays of objects, collections and maps in one body together. An empty map takes two bytes on the wire
     * and a hundred in memory.
     */
    public static final int ELEMENTS_MAX = 1_048_576;

    /**
     * Bytes that may be compared to tell keys of equal hashes apart, in all sets and maps of one body together: each key's with those of
     * every other one of its hash in its container.
     */
    public static final long COMPARED_BYTES_MAX = 1L << 28;

    private long comparedBytes;

    /**
     * Elements that containers may still declare. Every element takes a byte of its own, so all containers together, however
     * deeply they are nested, declare at most as many as there are bytes. Checking each alone would let 64 nested arrays
     * allocate the size of the body 64 times.
     */
    private int elementsLeft;

    /**
     * Input over part of an array, which is not copied.
     *
     * @param bytes holds the body
     * @param offset where it begins
     * @param count its size in bytes
     */
    public BoundedInput(byte[] bytes, int offset, int count) {
        super(bytes, offset, count);
        elementsLeft = Math.min(count, ELEMENTS_MAX);
    }

    /**
     * Input over what remains of a buffer, whose position stays; copied only where the buffer has no array.
     *
     * @param body the bytes to read
     * @return the input
     */
    public static BoundedInput over(ByteBuffer body) {
        if (body.hasArray()) {
            return new BoundedInput(body.array(), body.arrayOffset() + body.position(), body.remaining());
        }
        byte[] copy = new byte[body.remaining()];
        body.get(body.position(), copy);
        return new BoundedInput(copy, 0, copy.length);
    }

    /** Bytes that are not read yet. */
    public int remaining() {
        return limit - position;
    }

    /**
     * A serializer of a container announces what it is going to read, before it allocates for it.
     *
     * @param count elements that the bytes declare
     * @param bytesEach the least number of bytes that an element takes, 1 or more
     * @return the count
     * @throws KryoException when so many elements cannot be there
     */
    public int claimElements(int count, int bytesEach) {
        checkFits("elements", count, bytesEach);
        if (count > elementsLeft) {
            throw new KryoException(
                    "elements in all containers: " + count + " more (expected: at most " + elementsLeft + ")");
        }
        elementsLeft -= count;
        return count;
    }

    /** What was read, and what will be compared of it, in bytes. */
    long cost() {
        return position + comparedBytes;
    }

    void claimComparisons(long bytes) {
        comparedBytes += bytes;
        if (comparedBytes > COMPARED_BYTES_MAX) {
            throw new KryoException("keys of equal hashes: " + comparedBytes + " bytes to compare (expected: at most "
                    + COMPARED_BYTES_MAX + ")");
        }
    }

    /** Not supported: a stream has no end to check lengths against. */
    @Override
    public void setInputStream(InputStream stream) {
        throw new UnsupportedOperationException("input: a stream (expected: a buffer)");
    }

    @Override
    public byte[] readBytes(int length) {
        checkFits("byte[]", length, 1);
        return super.readBytes(length);
    }

    @Override
    public String readString() {
        checkString();
        return super.readString();
    }

    @Override
    public StringBuilder readStringBuilder() {
        checkString();
        return super.readStringBuilder();
    }

    @Override
    public int[] readInts(int length) {
        checkFits("int[]", length, Integer.BYTES);
        return super.readInts(length);
    }

    @Override
    public int[] readInts(int length, boolean optimizePositive) {
        checkFits("int[]", length, 1);
        return super.readInts(length, optimizePositive);
    }

    @Override
    public long[] readLongs(int length) {
        checkFits("long[]", length, Long.BYTES);
        return super.readLongs(length);
    }

    @Override
    public long[] readLongs(int length, boolean optimizePositive) {
        checkFits("long[]", length, 1);
        return super.readLongs(length, optimizePositive);
    }

    @Override
    public float[] readFloats(int length) {
        checkFits("float[]", length, Float.BYTES);
        return super.readFloats(length);
    }

    @Override
    public double[] readDoubles(int length) {
        checkFits("double[]", length, Double.BYTES);
        return super.readDoubles(length);
    }

    @Override
    public short[] readShorts(int length) {
        checkFits("short[]", length, Short.BYTES);
        return super.readShorts(length);
    }

    @Override
    public char[] readChars(int length) {
        checkFits("char[]", length, Character.BYTES);
        return super.readChars(length);
    }

    @Override
    public boolean[] readBooleans(int length) {
        checkFits("boolean[]", length, 1);
        return super.readBooleans(length);
    }

    /** A text that is not ASCII begins with its number of characters plus 1, 0 for null; each takes a byte or more. */
    private void checkString() {
        if (!readVarIntFlag()) {
            return;
        }
        int start = position;
        int characters = readVarIntFlag(true);
        if (characters != 0) {
            checkFits("text", characters - 1, 1);
        }
        position = start;
    }

    private void checkFits(String what, int length, int bytesEach) {
        if (length < 0 || (long) length * bytesEach > remaining()) {
            throw new KryoException(what + ": " + length + " of at least " + bytesEach
                    + " bytes (expected: at most the " + remaining() + " bytes left)");
        }
    }
}
