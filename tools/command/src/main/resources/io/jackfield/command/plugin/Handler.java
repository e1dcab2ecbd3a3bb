package @package@;

import io.jackfield.api.HandlerContext;
import io.jackfield.api.Service;
import io.jackfield.api.TypedHandler;

/** Answers the service @name@. */
@Service(name = "@name@")
public final class @Class@ implements TypedHandler<@Class@.Question, @Class@.Answer> {

    /** What is asked: {"name": "Ada"}. */
    public record Question(String name) {}

    /** What is answered: {"greeting": "Hello Ada"}. */
    public record Answer(String greeting) {}

    @Override
    public Answer answer(Question question, HandlerContext context) {
        return new Answer("Hello " + question.name());
    }
}
