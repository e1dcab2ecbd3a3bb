package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Output;

/** Refuses to write what {@link BoundedInput} would refuse to read, for the writer is the one who can mend it. */
final class BoundedOutput extends Output {
    private static final int BYTES_FIRST = 512;

    private int elementsLeft = BoundedInput.ELEMENTS_MAX;

    BoundedOutput(int bytesMax) {
        super(Math.min(BYTES_FIRST, bytesMax), bytesMax);
    }

    void claimElements(int count) {
        if (count > elementsLeft) {
            throw new KryoException("elements in all containers: more than " + BoundedInput.ELEMENTS_MAX);
        }
        elementsLeft -= count;
    }
}
