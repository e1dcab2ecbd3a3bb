package io.jackfield.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Changes bytes as damage and malice would; the same seed gives the same changes. */
public final class Mutations {
    private static final int[] HOSTILE = {
        0, 1, -1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0x00010000
    };

    private final SplittableRandom random;

    /** Mutations of one seed. */
    public Mutations(long seed) {
        random = new SplittableRandom(seed);
    }

    /** One to four changes of one frame, or of the list of frames. */
    public List<ByteBuffer> mutate(List<ByteBuffer> frames) {
        List<ByteBuffer> mutated = new ArrayList<>(frames);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int kind = random.nextInt(8);
            int at = mutated.isEmpty() ? 0 : random.nextInt(mutated.size());
            if (mutated.isEmpty() || kind == 0) {
                mutated.add(at, ByteBuffer.wrap(randomBytes(random.nextInt(40))));
            } else if (kind == 1) {
                mutated.remove(at);
            } else if (kind == 2) {
                mutated.add(at, mutated.get(random.nextInt(mutated.size())));
            } else {
                mutated.set(at, ByteBuffer.wrap(mutate(bytes(mutated.get(at)))));
            }
        }
        return mutated;
    }

    /** One change of some bytes. */
    public byte[] mutate(byte[] bytes) {
        if (bytes.length == 0) {
            return randomBytes(random.nextInt(1, 9));
        }
        int at = random.nextInt(bytes.length);
        byte[] changed = bytes.clone();
        switch (random.nextInt(7)) {
            case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> changed[at] = (byte) random.nextInt(256);
            case 2 -> putHostileInt(changed, at);
            case 3 -> changed = splice(bytes, at, 0, randomBytes(random.nextInt(1, 9)));
            case 4 -> changed = splice(bytes, at, random.nextInt(bytes.length - at + 1), new byte[0]);
            case 5 -> changed = splice(bytes, at, 0, splice(bytes, 0, random.nextInt(bytes.length), new byte[0]));
            default -> changed = splice(bytes, at, bytes.length - at, new byte[0]);
        }
        return changed;
    }

    private void putHostileInt(byte[] bytes, int at) {
        int value = HOSTILE[random.nextInt(HOSTILE.length)];
        for (int i = 0; i < Integer.BYTES && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> (24 - 8 * i));
        }
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int at, int removed, byte[] inserted) {
        ByteBuffer result = ByteBuffer.allocate(bytes.length - removed + inserted.length);
        return result.put(bytes, 0, at)
                .put(inserted)
                .put(bytes, at + removed, bytes.length - at - removed)
                .array();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
