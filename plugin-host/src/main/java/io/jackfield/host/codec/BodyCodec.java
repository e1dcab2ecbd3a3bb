package io.jackfield.host.codec;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.jackfield.api.Handler;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.TypedHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Between bodies and objects of one generation's classes. Safe for any thread. Holds the classes until {@link #release}.
 */
public final class BodyCodec {

    // Null once released.
    private volatile @Nullable ClassLoader loader;
    // Null before the first use: most plugins have no typed handler, and a mapper takes milliseconds and megabytes.
    private volatile @Nullable Classes classes;

    private record Classes(JsonBodies json, KryoBodies kryo, Map<Class<?>, JavaType> inputs) {}

    /**
     * For classes of that loader.
     *
     * @param loader the plugin's
     */
    public BodyCodec(ClassLoader loader) {
        this.loader = loader;
    }

    /**
     * Looks at what a handler takes and gives; does nothing for one that is not typed.
     *
     * @throws IllegalArgumentException its types are not known or cannot be read; the message says what to do
     */
    public void bind(Class<? extends Handler> handler) {
        if (TypedHandler.class.isAssignableFrom(handler)) {
            Classes now = classes();
            now.kryo.add(input(now, handler));
            now.kryo.add(parameters(now.json.types(), handler)[1]);
        }
    }

    /** As {@link io.jackfield.api.HandlerContext#read(Request, TypedHandler)}. */
    @SuppressWarnings("unchecked") // the type is the handler's own
    public <I> I read(Request request, TypedHandler<I, ?> handler) {
        Classes now = classes();
        JavaType type = input(now, handler.getClass());
        // Void has no other value.
        return type.hasRawClass(Void.class) ? (I) nothing() : (I) read(now, request, type);
    }

    /** As {@link io.jackfield.api.HandlerContext#read(Request, Class)}. */
    @SuppressWarnings("unchecked") // Class.cast does not know primitives
    public <T> T read(Request request, Class<T> type) {
        Classes now = classes();
        JavaType known = now.json.types().constructType(type);
        return (T) read(now, request, known);
    }

    /** As {@link io.jackfield.api.HandlerContext#reply(Request, Object)}. */
    public Reply reply(Request request, @Nullable Object value) {
        Classes now = classes();
        ContentTypes.Form form = ContentTypes.ofReply(request);
        Reply reply = form == ContentTypes.Form.JSON
                ? Reply.of(now.json.write(value))
                : Reply.ofParts(List.of(kryo(now, value)));
        return reply.withContentType(form.contentType);
    }

    /** Forgets the classes; nothing is read or written any more. */
    public void release() {
        loader = null;
        classes = null;
    }

    private static Object read(Classes now, Request request, JavaType type) {
        if (ContentTypes.ofBody(request) == ContentTypes.Form.JSON) {
            return now.json.read(request.body(), type);
        }
        if (request.parts().size() > 1) {
            throw HandlerException.badRequest(
                    JsonComplaint.BODY + ": " + request.parts().size() + " parts (expected: 1, for Kryo)",
                    "send the object as one part");
        }
        now.kryo.add(type);
        return now.kryo.read(request.buffer(), type);
    }

    private static java.nio.ByteBuffer kryo(Classes now, @Nullable Object value) {
        if (value != null) {
            now.kryo.add(now.json.types().constructType(value.getClass()));
        }
        return now.kryo.write(value);
    }

    private static JavaType input(Classes now, Class<?> handler) {
        JavaType known = now.inputs.get(handler);
        if (known != null) {
            return known;
        }
        JavaType input = parameters(now.json.types(), handler)[0];
        now.json.check(input);
        now.inputs.put(handler, input);
        return input;
    }

    private static JavaType[] parameters(TypeFactory types, Class<?> handler) {
        JavaType[] parameters = types.findTypeParameters(types.constructType(handler), TypedHandler.class);
        if (parameters == null || parameters.length != 2 || parameters[0].hasRawClass(Object.class)) {
            throw new IllegalArgumentException(handler.getName()
                    + " does not say what it takes (expected: implements TypedHandler<Input, Output> with classes)");
        }
        return parameters;
    }

    @SuppressWarnings("NullAway") // the only value of Void
    private static Object nothing() {
        return null;
    }

    private Classes classes() {
        Classes now = classes;
        return now == null ? create() : now;
    }

    /** Two threads may each make one at the same time: then one of the two is used for one call only. */
    private Classes create() {
        ClassLoader of = loader;
        if (of == null) {
            throw new IllegalStateException("the plugin has been unloaded");
        }
        JsonBodies json = new JsonBodies(of);
        Classes made = new Classes(json, new KryoBodies(json.types()), new ConcurrentHashMap<>());
        classes = made;
        if (loader == null) {
            classes = null;
        }
        return made;
    }
}
