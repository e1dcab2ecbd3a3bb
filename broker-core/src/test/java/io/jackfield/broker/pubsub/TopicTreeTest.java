package io.jackfield.broker.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicTreeTest {
    private final TopicTree<String> tree = new TopicTree<>();

    @Test
    void shouldMatchEveryTopicThatAMessageBeginsWith() {
        add("", "all");
        add("news", "reader");
        add("news", "writer");
        add("newspaper", "printer");
        add("new", "shop");
        add("zoo", "keeper");

        assertEquals(List.of("all", "shop", "reader", "writer"), match("news.uk"));
        assertEquals(List.of("all", "shop", "reader", "writer", "printer"), match("newspaper"));
        assertEquals(List.of("all"), match("ne"));
        assertEquals(List.of("all"), match(""));
        assertEquals(List.of("all", "keeper"), match("zoo"));
    }

    @Test
    void shouldSayWhenATopicIsNewAndWhenNobodyHasItAnyMore() {
        assertTrue(add("a", "one"));
        assertFalse(add("a", "two"));
        assertTrue(add("", "one"));
        assertFalse(remove("a", "one"));
        assertTrue(remove("a", "two"));
        assertTrue(remove("", "one"));
        assertTrue(add("a", "one"));
    }

    @Test
    void shouldCompareBytesWithoutSign() {
        tree.add(Topic.of(ByteBuffer.wrap(new byte[] {(byte) 0xff})), "high");
        tree.add(Topic.of(ByteBuffer.wrap(new byte[] {0x7f})), "low");
        List<Topic> topics = topics();

        assertEquals(0x7f, topics.get(0).bytes()[0]);
        List<String> matches = new ArrayList<>();
        tree.match(ByteBuffer.wrap(new byte[] {9, (byte) 0xff, 1}), 1, 2, matches);
        assertEquals(List.of("high"), matches);
    }

    /** Against a table that is looked through from end to end; few letters make many common beginnings. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldDoWhatAPlainTableDoes(long seed) {
        Random random = new Random(seed);
        int letters = 1 + random.nextInt(3);
        Map<Topic, Set<String>> table = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            Topic topic = topic(word(random, letters));
            String subscriber = "s" + random.nextInt(4);
            Set<String> holders = table.computeIfAbsent(topic, unused -> new TreeSet<>());
            if (holders.contains(subscriber)) {
                holders.remove(subscriber);
                assertEquals(holders.isEmpty(), tree.remove(topic, subscriber), "seed " + seed + " step " + step);
            } else {
                assertEquals(holders.isEmpty(), tree.add(topic, subscriber), "seed " + seed + " step " + step);
                holders.add(subscriber);
            }
            if (holders.isEmpty()) {
                table.remove(topic);
            }
            String message = word(random, letters);
            assertEquals(naive(table, message), match(message).stream().sorted().toList(), "seed " + seed);
        }
        assertEquals(List.copyOf(table.keySet()), topics());
        table.forEach((topic, holders) -> holders.forEach(holder -> tree.remove(topic, holder)));
        assertEquals(List.of(), topics());
    }

    private static List<String> naive(Map<Topic, Set<String>> table, String message) {
        return table.entrySet().stream()
                .filter(entry -> message.startsWith(new String(entry.getKey().bytes(), UTF_8)))
                .flatMap(entry -> entry.getValue().stream())
                .sorted()
                .toList();
    }

    private static String word(Random random, int letters) {
        StringBuilder word = new StringBuilder();
        for (int length = random.nextInt(8); length > 0; length--) {
            word.append((char) ('a' + random.nextInt(letters)));
        }
        return word.toString();
    }

    private boolean add(String topic, String subscriber) {
        return tree.add(topic(topic), subscriber);
    }

    private boolean remove(String topic, String subscriber) {
        return tree.remove(topic(topic), subscriber);
    }

    private List<String> match(String message) {
        List<String> matches = new ArrayList<>();
        byte[] bytes = ("##" + message + "##").getBytes(UTF_8);
        tree.match(ByteBuffer.wrap(bytes), 2, bytes.length - 4, matches);
        return matches;
    }

    private List<Topic> topics() {
        List<Topic> topics = new ArrayList<>();
        tree.forEachTopic(topics::add);
        return topics;
    }

    private static Topic topic(String text) {
        return Topic.of(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
}
