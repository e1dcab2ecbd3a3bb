package io.jackfield.api;

/**
 * A handler that takes and gives objects of the author's own classes, records above all:
 *
 * <pre>{@code
 * @Service(name = "price")
 * public final class Price implements TypedHandler<Order, Receipt> {
 *     @Override
 *     public Receipt answer(Order order, HandlerContext context) {
 *         return new Receipt(order.item(), 250L * order.count());
 *     }
 * }
 * }</pre>
 *
 * <p>The body is JSON, or Kryo for those who say {@code application/x-kryo} and whose classes carry {@link KryoId}; the
 * reply is what the request's {@code accept} header asks for, else what the request was. A body that does not fit ends
 * with {@code BAD_REQUEST} and names the field: {@code items[2].price: expected a number, found "x"}.
 *
 * <p><b>What fits.</b> Fields that the class does not know are ignored. A field of a primitive type must be there; any
 * other may be missing or null, and is then null, or empty where it is an {@code Optional}. Nothing is converted: no
 * text to a number, no fraction to a whole number. A constructor that throws refuses the body with its message, so
 * that is the place for an author's own rules. Dates and times are ISO 8601 text. At most 64 objects and arrays may lie
 * within each other.
 *
 * <p>Both types must be written out in the class that implements this, type arguments included. An input of type
 * {@link Void} is null, whatever the body holds. Who wants the bytes themselves implements {@link Handler}.
 *
 * @param <I> what is asked
 * @param <O> what is answered
 * @since 0.1
 */
public interface TypedHandler<I, O> extends Handler {

    /**
     * Answers one request.
     *
     * @param input what was asked
     * @param context the call, as for {@link #handle}; {@link HandlerContext#reply} makes partial replies of objects
     * @return the final answer, which may be null where that says something
     * @throws Exception as {@link #handle} throws
     */
    O answer(I input, HandlerContext context) throws Exception;

    /** Reads the body, calls {@link #answer}, and writes what it gives. */
    @Override
    default Reply handle(Request request, HandlerContext context) throws Exception {
        return context.reply(request, answer(context.read(request, this), context));
    }
}
