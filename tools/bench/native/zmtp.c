#include "zmtp.h"

#include <stdint.h>
#include <string.h>

#define GREETING_LENGTH 64

/* Bits of the first byte of a frame. */
enum { FLAG_MORE = 1, FLAG_LONG = 2, FLAG_COMMAND = 4 };

void zmtp_hello(connection_t *connection) {
    /* signature, version 3.0, mechanism NULL, padding, as-server 0, filler */
    static const char greeting[GREETING_LENGTH] = "\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL";
    static const char ready[] = "\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06" "DEALER";
    connection_put(connection, greeting, sizeof greeting);
    connection_put(connection, ready, sizeof ready - 1);
}

bool zmtp_greeted(connection_t *connection) {
    if (connection_available(connection) < GREETING_LENGTH)
        return false;
    const unsigned char *greeting = (const unsigned char *) connection_bytes(connection);
    if (greeting[0] != 0xff || greeting[10] < 3)
        fail("whoever listens there does not speak ZMTP 3");
    connection_use(connection, GREETING_LENGTH);
    return true;
}

static uint64_t s_number(const char *bytes, size_t length) {
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++)
        number = number << 8 | (unsigned char) bytes[i];
    return number;
}

bool zmtp_take(connection_t *connection, zmtp_frame_t *frame) {
    const char *bytes = connection_bytes(connection);
    size_t available = connection_available(connection);
    if (available < 2)
        return false;
    size_t size_length = bytes[0] & FLAG_LONG ? 8 : 1;
    size_t head_length = 1 + size_length;
    if (available < head_length)
        return false;
    uint64_t length = s_number(bytes + 1, size_length);
    if (available - head_length < length)
        return false;
    frame->more = bytes[0] & FLAG_MORE;
    frame->command = bytes[0] & FLAG_COMMAND;
    frame->body = bytes + head_length;
    frame->length = (size_t) length;
    connection_use(connection, head_length + frame->length);
    return true;
}

void zmtp_put(connection_t *connection, bool more, const void *body, size_t length) {
    char head[9] = {(char) (more ? FLAG_MORE : 0)};
    size_t head_length = 2;
    if (length < 256) {
        head[1] = (char) length;
    } else {
        head[0] |= FLAG_LONG;
        for (size_t i = 0; i < 8; i++)
            head[8 - i] = (char) (length >> (8 * i));
        head_length = 9;
    }
    connection_put(connection, head, head_length);
    connection_put(connection, body, length);
}
