package io.jackfield.broker.pubsub;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which subscribers want which topics, as a radix tree: finding those that a message is for takes one walk along its first bytes, however
 * many topics there are, and nobody's choice of topics makes it slower. Owned by the broker loop.
 *
 * <pre>
 *   (root) --"new"-- s1 --"s"------- s2        topics: new, news, newspaper, zoo
 *      |              |     `-"paper" s3
 *      `--"zoo"-- s4
 * </pre>
 *
 * A node other than the root has subscribers, or at least two branches.
 *
 * @param <S> a subscriber
 */
final class TopicTree<S> {
    private final Node<S> root = new Node<>(new byte[0]);

    /** Adds a subscription that is not there yet; true if nobody had the topic. */
    boolean add(Topic topic, S subscriber) {
        byte[] bytes = topic.bytes();
        Node<S> node = root;
        int at = 0;
        while (at < bytes.length) {
            int branch = node.branch(bytes[at]);
            if (branch < 0) {
                node = node.grow(-branch - 1, Arrays.copyOfRange(bytes, at, bytes.length));
                break;
            }
            Node<S> next = node.branches[branch];
            int common = Arrays.mismatch(next.label, 0, next.label.length, bytes, at, bytes.length);
            boolean whole = common < 0 || common == next.label.length;
            node = whole ? next : node.split(branch, common);
            at += node.label.length;
        }
        return node.add(subscriber);
    }

    /** Takes away a subscription that is there; true if nobody has the topic any more. */
    boolean remove(Topic topic, S subscriber) {
        byte[] bytes = topic.bytes();
        Node<S> above = root;
        Node<S> node = root;
        int at = 0;
        while (at < bytes.length) {
            above = node;
            node = node.branches[node.branch(bytes[at])];
            at += node.label.length;
        }
        node.subscribers.remove(subscriber);
        if (!node.subscribers.isEmpty()) {
            return false;
        }
        if (node != root) {
            prune(above, node);
        }
        return true;
    }

    /** Adds to the list every subscriber of a topic that these bytes begin with, once for each such topic. */
    void match(ByteBuffer bytes, int start, int length, List<? super S> into) {
        int end = start + length;
        int at = start;
        @Nullable Node<S> node = root;
        while (node != null) {
            into.addAll(node.subscribers);
            node = at == end ? null : node.next(bytes, at, end);
            at += node == null ? 0 : node.label.length;
        }
    }

    /** Tells of every topic that somebody wants, in the order of their bytes. */
    void forEachTopic(Consumer<Topic> told) {
        root.forEachTopic(new byte[0], told);
    }

    private void prune(Node<S> above, Node<S> node) {
        int branch = above.branch(node.label[0]);
        if (node.branches.length > 1) {
            return;
        }
        if (node.branches.length == 1) {
            above.branches[branch] = node.joinedWithOnlyBranch();
            return;
        }
        above.drop(branch);
        if (above != root && above.branches.length == 1 && above.subscribers.isEmpty()) {
            above.absorbOnlyBranch();
        }
    }

    /** Branches are in the order of their labels' first bytes, which all differ. */
    private static final class Node<S> {
        private byte[] label;
        private Node<S>[] branches = none();
        private Set<S> subscribers = Set.of();

        Node(byte[] label) {
            this.label = label;
        }

        boolean add(S subscriber) {
            boolean first = subscribers.isEmpty();
            if (first) {
                subscribers = new LinkedHashSet<>(2);
            }
            subscribers.add(subscriber);
            return first;
        }

        /** Where the branch is that begins with the byte, or -1 minus where it would be. */
        int branch(byte first) {
            int low = 0;
            int high = branches.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = Byte.compareUnsigned(branches[middle].label[0], first);
                if (order == 0) {
                    return middle;
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -low - 1;
        }

        /** The branch whose whole label stands at that place; null if there is none. */
        @Nullable
        Node<S> next(ByteBuffer bytes, int at, int end) {
            int branch = branch(bytes.get(at));
            if (branch < 0) {
                return null;
            }
            byte[] wanted = branches[branch].label;
            if (wanted.length > end - at) {
                return null;
            }
            for (int i = 1; i < wanted.length; i++) {
                if (bytes.get(at + i) != wanted[i]) {
                    return null;
                }
            }
            return branches[branch];
        }

        Node<S> grow(int place, byte[] newLabel) {
            Node<S> leaf = new Node<>(newLabel);
            Node<S>[] more = Arrays.copyOf(branches, branches.length + 1);
            System.arraycopy(branches, place, more, place + 1, branches.length - place);
            more[place] = leaf;
            branches = more;
            return leaf;
        }

        /** Puts a node in the middle of a branch, {@code length} bytes below this one. */
        Node<S> split(int branch, int length) {
            Node<S> lower = branches[branch];
            Node<S> upper = new Node<>(Arrays.copyOf(lower.label, length));
            lower.label = Arrays.copyOfRange(lower.label, length, lower.label.length);
            upper.branches = none(1);
            upper.branches[0] = lower;
            branches[branch] = upper;
            return upper;
        }

        void drop(int place) {
            Node<S>[] fewer = none(branches.length - 1);
            System.arraycopy(branches, 0, fewer, 0, place);
            System.arraycopy(branches, place + 1, fewer, place, fewer.length - place);
            branches = fewer;
        }

        /** The one branch, reached without this node. */
        Node<S> joinedWithOnlyBranch() {
            Node<S> only = branches[0];
            only.label = joined(label, only.label);
            return only;
        }

        void absorbOnlyBranch() {
            Node<S> only = joinedWithOnlyBranch();
            label = only.label;
            branches = only.branches;
            subscribers = only.subscribers;
        }

        void forEachTopic(byte[] before, Consumer<Topic> told) {
            byte[] bytes = joined(before, label);
            if (!subscribers.isEmpty()) {
                told.accept(Topic.of(ByteBuffer.wrap(bytes)));
            }
            for (Node<S> branch : branches) {
                branch.forEachTopic(bytes, told);
            }
        }

        private static byte[] joined(byte[] first, byte[] second) {
            byte[] both = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            return both;
        }

        private static <S> Node<S>[] none() {
            return none(0);
        }

        @SuppressWarnings("unchecked") // arrays of a generic type cannot be made in any other way
        private static <S> Node<S>[] none(int length) {
            return (Node<S>[]) new Node<?>[length];
        }
    }
}
