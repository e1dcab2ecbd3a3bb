package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.Kryo;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one container that hashes them, as they are read. Keys that differ and have equal hashes are compared with each other one by
 * one: bytes that make such keys on purpose would keep a thread busy for hours, so {@link #checked} asks the {@link BoundedInput} first.
 */
final class HashedKeys {
    /** If all keys are of one of these, the JDK's containers find even those of equal hashes by their order. */
    private static final Set<Class<?>> ORDERED = Set.of(
            String.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Character.class,
            Float.class,
            Double.class,
            BigInteger.class,
            Instant.class,
            UUID.class);

    private final BoundedInput input;
    private final List<@Nullable Object> keys;
    /** What it takes at most to compare the key with another one: its bytes, and what comparing its own keys took. */
    private final long[] costs;

    HashedKeys(BoundedInput input, int count) {
        this.input = input;
        this.keys = new ArrayList<>(count);
        this.costs = new long[count];
    }

    void readNext(Kryo kryo) {
        long before = input.cost();
        Object key = kryo.readClassAndObject(input);
        costs[keys.size()] = input.cost() - before;
        keys.add(key);
    }

    /** All that were read, when it is known that a container can hold them. */
    List<@Nullable Object> checked() {
        if (keys.size() > 1 && !areOrdered()) {
            claimComparisons();
        }
        return keys;
    }

    private boolean areOrdered() {
        Object first = keys.get(0);
        if (first == null || !ORDERED.contains(first.getClass())) {
            return false;
        }
        Class<?> type = first.getClass();
        return keys.stream().allMatch(key -> key != null && key.getClass() == type);
    }

    /** Each key is compared with those of its hash, as many as there are, and none costs more than its own bytes. */
    private void claimComparisons() {
        long[] byHash = new long[keys.size()];
        for (int i = 0; i < byHash.length; i++) {
            byHash[i] = (long) Objects.hashCode(keys.get(i)) << Integer.SIZE | Math.min(costs[i], Integer.MAX_VALUE);
        }
        Arrays.sort(byHash);
        int begin = 0;
        long cost = 0;
        for (int i = 0; i < byHash.length; i++) {
            cost += byHash[i] & Integer.MAX_VALUE;
            if (i + 1 == byHash.length || byHash[i + 1] >> Integer.SIZE != byHash[i] >> Integer.SIZE) {
                input.claimComparisons((i - begin) * cost);
                begin = i + 1;
                cost = 0;
            }
        }
    }
}
