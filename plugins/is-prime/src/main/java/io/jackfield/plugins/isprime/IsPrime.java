package io.jackfield.plugins.isprime;

import io.jackfield.api.Handler;
import io.jackfield.api.HandlerContext;
import io.jackfield.api.HandlerException;
import io.jackfield.api.Reply;
import io.jackfield.api.Request;
import io.jackfield.api.Service;

/**
 * Answers a number from 1 to 2^63-1 with itself if it is prime, else with its smallest divisor above 1; 1, which has none,
 * with itself. Asked with the bare number, or with a query string: {@code possible_prime=32416190071}.
 */
@Service(name = "is-prime", version = "1", idempotent = true)
public final class IsPrime implements Handler {

    private static final String PARAMETER = "possible_prime=";
    private static final int SHOWN_CHARACTERS_MAX = 40;

    @Override
    public Reply handle(Request request, HandlerContext context) {
        long number = parse(request.text());
        long divisor = new Divisors(context::isCancelled).smallest(number);
        return Reply.text(Long.toString(divisor));
    }

    private static long parse(String text) {
        String digits = value(text.strip());
        boolean onlyDigits = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!onlyDigits) {
            throw notANumber(digits);
        }
        long number;
        try {
            number = Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw notANumber(digits);
        }
        if (number == 0) {
            throw notANumber(digits);
        }
        return number;
    }

    private static String value(String text) {
        for (String parameter : text.split("&", -1)) {
            if (parameter.startsWith(PARAMETER)) {
                return parameter.substring(PARAMETER.length());
            }
        }
        return text;
    }

    private static HandlerException notANumber(String given) {
        boolean cut = given.length() > SHOWN_CHARACTERS_MAX;
        String shown = cut ? given.substring(0, SHOWN_CHARACTERS_MAX) + "..." : given;
        return HandlerException.badRequest(
                "possible_prime: '" + shown + "' (expected: a whole number from 1 to " + Long.MAX_VALUE + ")",
                "send the number in decimal digits, bare or as possible_prime=32416190071");
    }
}
