package io.jackfield.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.host.fixture.FixtureJar;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.kryo.ObjectBodies;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Typed handlers of real jars: bytes in, the author's objects, bytes out. */
final class TypedHandlerTest {

    private static final String RECORDS =
            "@KryoId(100) record Order(String name, List<Item> items, Optional<Size> size,"
                    + " Long count) { Order { if (\"nobody\".equals(name)) {"
                    + " throw new IllegalArgumentException(\"name: nobody (expected: somebody)\"); } } }"
                    + " @KryoId(101) record Item(double price, int amount) {}"
                    + " @KryoId(102) enum Size { SMALL, LARGE }"
                    + " @KryoId(103) record Receipt(String text, double sum, java.time.Instant at) {}";
    private static final String ORDERS =
            "@Service(name = \"order\") public class Orders implements TypedHandler<Order, Receipt> {"
                    + " public Orders() { System.getProperties().put(\"fixture.orders\", getClass().getClassLoader()); }"
                    + "@Override public Receipt answer(Order order, HandlerContext context) {"
                    + "  double sum = order.items() == null ? 0 : order.items().stream().mapToDouble(i -> i.price() * i.amount()).sum();"
                    + "  return new Receipt(order.name() + order.size() + order.count(), sum, java.time.Instant.EPOCH); } }";
    private static final String KRYO = "application/x-kryo";

    private static Path ordersJar = Path.of("");

    private final Path folder;
    private final PluginHost host;
    private final List<Generation> loaded = new ArrayList<>();

    TypedHandlerTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        host = PluginHost.open(PluginHostSettings.defaults(folder.resolve("work")));
    }

    @BeforeAll
    static void compile(@TempDir Path shared) throws IOException {
        ordersJar = FixtureJar.plugin("orders")
                .source("Order", RECORDS)
                .extension("Orders", ORDERS)
                .writeTo(shared);
    }

    @AfterEach
    void close() throws IOException {
        System.getProperties().remove("fixture.orders");
        loaded.forEach(Generation::unload);
        host.close();
    }

    @Test
    void shouldReadAndWriteRecordsOfThePluginAsJson() throws Exception {
        Generation orders = orders();

        Reply reply = call(
                        orders,
                        Map.of("content-type", "application/json; charset=utf-8"),
                        "{'name':'a','items':[{'price':2.5,'amount':2},{'price':1,'amount':1}],'size':'LARGE','count':7}")
                .reply();

        assertEquals(json("{'text':'aOptional[LARGE]7','sum':6.0,'at':'1970-01-01T00:00:00Z'}"), text(reply));
        assertEquals(Optional.of("application/json"), reply.contentType());
    }

    @Test
    void shouldIgnoreUnknownFieldsAndTakeMissingOnesForNull() throws Exception {
        Generation orders = orders();

        assertEquals(
                json("{'text':'nullOptional.emptynull','sum':0.0,'at':'1970-01-01T00:00:00Z'}"),
                call(orders, Map.of(), "{'new':{'x':[1]}}").text());
        assertEquals(
                json("{'text':'nullOptional.emptynull','sum':0.0,'at':'1970-01-01T00:00:00Z'}"),
                call(orders, Map.of(), "{'name':null,'items':null,'size':null,'count':null}")
                        .text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'items':[{'price':1,'amount':1},{'price':'x','amount':1}]} | items[1].price: expected a number, found 'x'",
                "{'items':[{'price':'1','amount':1}]} | items[0].price: expected a number, found '1'",
                "{'items':[{'price':1,'amount':1.5}]} | items[0].amount: expected a whole number, found 1.5",
                "{'items':[{'price':1,'amount':99999999999}]} | items[0].amount: expected a whole number from -2147483648 to 2147483647, found 99999999999",
                "{'items':[{'price':1}]} | items[0].amount: expected a whole number, found nothing",
                "{'items':[{'price':1,'amount':null}]} | items[0].amount: expected a whole number, found null",
                "{'items':{'price':1}} | items: expected an array, found an object",
                "{'items':[7]} | items[0]: expected an object, found 7",
                "{'name':7} | name: expected text, found 7",
                "{'name':['a']} | name: expected text, found an array",
                "{'size':'HUGE'} | size: expected one of SMALL, LARGE, found 'HUGE'",
                "{'size':0} | size: expected one of SMALL, LARGE, found 0",
                "{'size':''} | size: expected one of SMALL, LARGE, found ''",
                "{'count':true} | count: expected a whole number, found true",
                "{'name':'nobody'} | the body: name: nobody (expected: somebody)",
                "[] | the body: expected an object, found an array",
                "'x' | the body: expected an object, found 'x'",
                "null | the body: expected an object, found null",
                "`` | the body: expected an object, found nothing",
            })
    void shouldNameTheFieldThatDoesNotFit(String body, String complaint) throws Exception {
        Answer answer = call(orders(), Map.of(), body);

        assertEquals(ErrorCode.BAD_REQUEST, answer.code());
        assertEquals(json(complaint), answer.failure().cause());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'name':'a'} x | the body: not JSON in line 1, column 14: Unrecognized token 'x'",
                "{'name': | the body: not JSON in line 1, column 9: Unexpected end-of-input",
                "{'name':'a','name':'b'} | the body: not JSON in line 1, column 19: Duplicate field 'name'",
            })
    void shouldSayWhereItIsNotJson(String body, String complaint) throws Exception {
        String cause = call(orders(), Map.of(), body).failure().cause();

        assertTrue(cause.startsWith(complaint), cause);
    }

    @Test
    void shouldBoundDepthAndNumberOfValues() throws Exception {
        Generation any = load(FixtureJar.plugin("any")
                .extension(
                        "Any",
                        "@Service(name = \"any\") public class Any implements TypedHandler<Object[], Integer> {"
                                + "public Integer answer(Object[] all, HandlerContext c) { return all.length; } }"));

        assertEquals("1", call(any, Map.of(), "[".repeat(64) + "]".repeat(64)).text());
        String tooDeep =
                call(any, Map.of(), "[".repeat(65) + "]".repeat(65)).failure().cause();
        assertTrue(tooDeep.contains("nesting depth (65) exceeds the maximum allowed (64)"), tooDeep);
        String tooMany =
                call(any, Map.of(), "[" + "1,".repeat(5 << 20) + "1]").failure().cause();
        assertTrue(tooMany.contains("Token count"), tooMany);
        assertTrue(tooMany.length() < 500, tooMany);
    }

    @Test
    void shouldSpeakKryoToWhoeverDoes() throws Exception {
        Generation orders = orders();
        List<Class<?>> types = classes("Order", "Item", "Size", "Receipt");
        ObjectBodies client = kryo(types);
        Object item = construct(types.get(1), 2.5, 2);
        Object order = construct(types.get(0), "k", List.of(item), Optional.empty(), 1L);

        Reply reply =
                call(orders, Map.of("content-type", KRYO), client.encode(order)).reply();
        assertEquals(Optional.of(KRYO), reply.contentType());
        Object receipt = client.decode(reply.parts().get(0), Object.class);
        assertEquals("Receipt[text=kOptional.empty1, sum=5.0, at=1970-01-01T00:00:00Z]", receipt.toString());

        Reply asJson = call(orders, Map.of("content-type", KRYO, "accept", "application/json"), client.encode(order))
                .reply();
        assertEquals(json("{'text':'kOptional.empty1','sum':5.0,'at':'1970-01-01T00:00:00Z'}"), text(asJson));

        Object wrong = construct(types.get(0), "k", List.of(item, "text"), Optional.empty(), 1L);
        Answer refused = call(orders, Map.of("content-type", KRYO), client.encode(wrong));
        assertEquals("items[1]: expected Item, found String", refused.failure().cause());
        assertEquals(ErrorCode.BAD_REQUEST, refused.code());
        assertEquals(
                ErrorCode.BAD_REQUEST,
                call(orders, Map.of("content-type", KRYO), ByteBuffer.wrap(new byte[] {1, 2, 3}))
                        .code());
        assertEquals(
                "the body: expected Order, found String",
                call(orders, Map.of("content-type", KRYO), client.encode("x"))
                        .failure()
                        .cause());
    }

    @Test
    void shouldRefuseKryoForClassesWithoutANumberAndWhatIsNeither() throws Exception {
        Generation plain = load(FixtureJar.plugin("plain")
                .source("In", "record In(int a) {}")
                .extension(
                        "Plain",
                        "@Service(name = \"plain\") public class Plain implements TypedHandler<In, Integer> {"
                                + "public Integer answer(In in, HandlerContext c) { return in.a(); } }"));

        assertEquals(
                "3",
                call(plain, Map.of("accept", KRYO + ";q=0, application/json"), "{'a':3}")
                        .text());
        Answer kryo = call(plain, Map.of("content-type", KRYO), ByteBuffer.wrap(new byte[] {1}));
        assertEquals(ErrorCode.UNSUPPORTED_BODY, kryo.code());
        assertTrue(kryo.failure().cause().endsWith("no @KryoId: In"), kryo.failure()::cause);
        Answer form = call(plain, Map.of("content-type", "application/x-www-form-urlencoded"), "a=3");
        assertEquals(ErrorCode.UNSUPPORTED_BODY, form.code());
        assertEquals(
                "content-type: application/x-www-form-urlencoded (expected: application/json or application/x-kryo)",
                form.failure().cause());
    }

    @Test
    void shouldServeHandlersThatAreNotTypedToo() throws Exception {
        Generation mixed = load(FixtureJar.plugin("mixed")
                .source("In", "record In(int a) {}")
                .handler(
                        "name = \"late\"",
                        "implements AsyncHandler",
                        "public CompletionStage<Reply> handleAsync(Request r, HandlerContext c) {"
                                + " In in = c.read(r, In.class);"
                                + " return CompletableFuture.completedFuture(c.reply(r, List.of(in, in))); }"));

        assertEquals(json("[{'a':3},{'a':3}]"), call(mixed, Map.of(), "{'a':3}").text());
        assertEquals(
                "a: expected a whole number, found nothing",
                call(mixed, Map.of(), "{}").failure().cause());
    }

    @Test
    void shouldUseItsOwnJacksonBesideThePluginsAndTakeNoInputForVoid() throws Exception {
        Generation own = load(
                FixtureJar.plugin("own")
                        .sourceOf(
                                "com.fasterxml.jackson.databind.ObjectMapper",
                                "package com.fasterxml.jackson.databind; public class ObjectMapper {"
                                        + " public String toString() { return \"mine\"; } }")
                        .extension(
                                "Own",
                                "@Service(name = \"own\") public class Own implements TypedHandler<Void, Map<String, String>> {"
                                        + "public Map<String, String> answer(Void none, HandlerContext c) {"
                                        + " return Map.of(\"mapper\", new com.fasterxml.jackson.databind.ObjectMapper().toString()); } }"));

        assertEquals(json("{'mapper':'mine'}"), call(own, Map.of(), "").text());
        assertEquals(
                json("{'mapper':'mine'}"),
                call(own, Map.of("content-type", "text/plain"), "?").text());
    }

    @Test
    void shouldRefuseTypesThatCannotBeReadBeforeTheFirstRequest() {
        assertRefused(
                "public class Raw implements TypedHandler { public Object answer(Object o, HandlerContext c) { return o; } }",
                "does not say what it takes");
        assertRefused(
                "public class Raw implements TypedHandler<Raw.In, String> { interface In { int a(); }"
                        + " public String answer(In in, HandlerContext c) { return \"\"; } }",
                "Raw$In");
        assertRefused(
                "public class Raw implements TypedHandler<Raw.A, Raw.B> { @KryoId(100) record A() {} @KryoId(100) record B() {}"
                        + " public B answer(A in, HandlerContext c) { return new B(); } }",
                "@KryoId(100)");
    }

    @Test
    void shouldEndWithHandlerFailedWhenAReplyCannotBeWritten() throws Exception {
        Generation bad = load(
                FixtureJar.plugin("bad")
                        .extension(
                                "Bad",
                                "@Service(name = \"bad\") public class Bad implements TypedHandler<Void, Object> {"
                                        + "public Object answer(Void none, HandlerContext c) { List<Object> l = new ArrayList<>(); l.add(l); return l; } }"));

        Answer answer = call(bad, Map.of(), "");
        assertEquals(ErrorCode.HANDLER_FAILED, answer.code());
        assertTrue(answer.failure().cause().contains("the reply cannot be written as JSON"), answer.failure()::cause);
    }

    @Test
    void shouldLeaveMemoryWithItsPlugin() throws Exception {
        Generation orders = orders();
        useAll(orders);
        loaded.clear();
        orders.handlers().get(0).executor().drain().get(20, TimeUnit.SECONDS);
        orders.unload();

        assertTrue(orders.awaitCollected(Duration.ofSeconds(30)));
    }

    /** In a frame of its own, so that nothing of the plugin stays on the stack. */
    private static void useAll(Generation orders) throws Exception {
        call(orders, Map.of(), "{'items':[{'price':1,'amount':1}]}").reply();
        List<Class<?>> types = classes("Order", "Item", "Size", "Receipt");
        ObjectBodies client = kryo(types);
        Object order = construct(types.get(0), "k", List.of(), Optional.empty(), 1L);
        call(orders, Map.of("content-type", KRYO), client.encode(order)).reply();
        call(orders, Map.of(), "{'items':'x'}").failure();
    }

    private static ObjectBodies kryo(List<Class<?>> types) {
        return new ObjectBodies(1 << 20, all -> {
            for (int i = 0; i < types.size(); i++) {
                all.add(types.get(i), 100 + i);
            }
        });
    }

    private Generation orders() throws Exception {
        return load(ordersJar);
    }

    private void assertRefused(String handler, String reason) {
        FixtureJar jar = FixtureJar.plugin("refused").extension("Raw", "@Service(name = \"raw\") " + handler);
        PluginRefusedException refusal = assertThrows(PluginRefusedException.class, () -> load(jar));
        assertEquals(ErrorCode.PLUGIN_START_FAILED, refusal.failure().code());
        assertTrue(refusal.failure().cause().contains(reason), refusal.failure()::cause);
    }

    private Generation load(FixtureJar jar) throws Exception {
        return load(jar.writeTo(folder));
    }

    private Generation load(Path jar) throws Exception {
        Generation generation = host.load(jar, Optional.empty());
        loaded.add(generation);
        return generation;
    }

    /** The handler's constructor has left its class loader for us. */
    private static List<Class<?>> classes(String... names) throws Exception {
        ClassLoader loader = (ClassLoader) System.getProperties().remove("fixture.orders");
        List<Class<?>> classes = new ArrayList<>();
        for (String name : names) {
            classes.add(Class.forName("fixture.orders." + name, true, loader));
        }
        return classes;
    }

    private static Object construct(Class<?> type, Object... values) throws Exception {
        var constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static Answer call(Generation generation, Map<String, String> headers, String body) {
        return call(generation, headers, ByteBuffer.wrap(json(body).getBytes(StandardCharsets.UTF_8)));
    }

    private static Answer call(Generation generation, Map<String, String> headers, ByteBuffer body) {
        HostedHandler handler = generation.handlers().get(0);
        Answer answer = new Answer();
        handler.executor()
                .execute(
                        Request.of(handler.declared().service(), List.of(body), headers),
                        System.nanoTime() + TimeUnit.SECONDS.toNanos(60),
                        answer);
        return answer;
    }

    /** JSON is easier to read here with single quotes. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static String text(Reply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
