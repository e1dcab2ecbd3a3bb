#include "nats.h"

#include <stdint.h>
#include <string.h>

#define WORDS_MAX 5

static void s_put_text(connection_t *connection, const char *text) {
    connection_put(connection, text, strlen(text));
}

void nats_hello(connection_t *connection, const char *subject) {
    s_put_text(connection, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB ");
    s_put_text(connection, subject);
    s_put_text(connection, " 1\r\nPING\r\n");
}

static bool s_begins(const char *line, const char *end, const char *word) {
    size_t length = strlen(word);
    return (size_t) (end - line) >= length && memcmp(line, word, length) == 0;
}

static uint64_t s_number(const char *digits, size_t length) {
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++)
        number = number * 10 + (uint64_t) (digits[i] - '0');
    return number;
}

/* MSG SUBJECT SUBSCRIPTION [REPLY-TO] BYTES */
static void s_parse(const char *line, const char *end, nats_message_t *message) {
    const char *words[WORDS_MAX];
    size_t lengths[WORDS_MAX], count = 0;
    for (const char *at = line; at < end && count < WORDS_MAX; at++, count++) {
        words[count] = at;
        while (at < end && *at != ' ')
            at++;
        lengths[count] = (size_t) (at - words[count]);
    }
    if (count < WORDS_MAX - 1)
        fail("not understood: %.*s", (int) (end - line), line);
    *message = (nats_message_t){.subject = words[1], .subject_length = lengths[1]};
    if (count == WORDS_MAX) {
        message->reply_to = words[3];
        message->reply_to_length = lengths[3];
    }
    message->length = (size_t) s_number(words[count - 1], lengths[count - 1]);
}

/* INFO and +OK are of no interest. */
static void s_control(connection_t *connection, const char *line, const char *end) {
    if (s_begins(line, end, "-ERR"))
        fail("nats-server: %.*s", (int) (end - line), line);
    if (s_begins(line, end, "PING"))
        s_put_text(connection, "PONG\r\n");
    if (s_begins(line, end, "PONG"))
        connection->stage = STAGE_OPEN;
}

bool nats_take(connection_t *connection, nats_message_t *message) {
    for (;;) {
        const char *line = connection_bytes(connection);
        size_t available = connection_available(connection);
        const char *end = available ? memchr(line, '\n', available) : NULL;
        if (!end || end == line)
            return false;
        size_t line_length = (size_t) (end - line) + 1;
        if (s_begins(line, end, "MSG ")) {
            s_parse(line, end - 1, message);
            if (available - line_length < message->length + 2)
                return false;
            message->body = end + 1;
            connection_use(connection, line_length + message->length + 2);
            return true;
        }
        s_control(connection, line, end - 1);
        connection_use(connection, line_length);
    }
}

static char *s_append(char *at, const char *bytes, size_t length) {
    memcpy(at, bytes, length);
    return at + length;
}

static char *s_append_number(char *at, size_t number) {
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char) ('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return s_append(at, digits + first, sizeof digits - first);
}

/* By hand, for printf would cost more than all else that is done for a message. */
void nats_put(connection_t *connection, const nats_message_t *message) {
    char head[2 * NATS_SUBJECT_BYTES_MAX + 32], *at = head;
    if (message->subject_length > NATS_SUBJECT_BYTES_MAX || message->reply_to_length > NATS_SUBJECT_BYTES_MAX)
        fail("a subject of more than %d bytes", NATS_SUBJECT_BYTES_MAX);
    at = s_append(at, "PUB ", 4);
    at = s_append(at, message->subject, message->subject_length);
    if (message->reply_to_length > 0) {
        at = s_append(at, " ", 1);
        at = s_append(at, message->reply_to, message->reply_to_length);
    }
    at = s_append(at, " ", 1);
    at = s_append_number(at, message->length);
    at = s_append(at, "\r\n", 2);
    connection_put(connection, head, (size_t) (at - head));
    connection_put(connection, message->body, message->length);
    connection_put(connection, "\r\n", 2);
}
