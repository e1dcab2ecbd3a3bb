#include "link_io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"
#include "text.h"

static int s_lost(jf_link_t *self, const char *why) {
    jf_fault_coded(&self->error, ECONNRESET, JF_ERROR_CONNECTION_LOST, "%s: %s", self->endpoint.text, why);
    jf_link_drop(self, 0);
    errno = ECONNRESET;
    return -1;
}

/* A peer that cannot be a broker of ours. Final, unless there was one at this endpoint before. */
static int s_misfit(jf_link_t *self, const char *why) {
    if (self->was_up) return s_lost(self, why);
    jf_fault_coded(&self->error, EPROTO, JF_ERROR_UNSUPPORTED_PEER, "%s: %s", self->endpoint.text, why);
    jf_fault_hint(&self->error, "is this the endpoint of a broker?");
    jf_link_refuse(self);
    errno = EPROTO;
    return -1;
}

static ssize_t s_write(jf_link_t *self, struct iovec *pieces, size_t count) {
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = count;
    for (;;) {
        /* sendmsg is writev without SIGPIPE */
        ssize_t written = sendmsg(self->fd, &message, MSG_NOSIGNAL);
        if (written >= 0 || errno != EINTR) return written;
    }
}

int jf_link_flush(jf_link_t *self) {
    if (self->writing || self->out_end == self->out_start) return 0;
    struct iovec piece = {.iov_base = self->out + self->out_start, .iov_len = self->out_end - self->out_start};
    ssize_t written = s_write(self, &piece, 1);
    if (written == -1 && errno != EAGAIN && errno != EWOULDBLOCK) return s_lost(self, strerror(errno));
    if (written > 0) self->out_start += (size_t)written;
    if (self->out_start == self->out_end) self->out_start = self->out_end = 0;
    return 0;
}

int jf_link_put_control(jf_link_t *self, const uint8_t *bytes, size_t len) {
    if (len > JF_CONTROL_OUT_BYTES_MAX - (self->out_end - self->out_start)) {
        return s_lost(self, "the peer sends without reading");
    }
    if (len > JF_CONTROL_OUT_BYTES_MAX - self->out_end) {
        /* what lies before out_start is being written, and must stay where it is */
        if (self->writing) return s_lost(self, "the peer sends without reading");
        memmove(self->out, self->out + self->out_start, self->out_end - self->out_start);
        self->out_end -= self->out_start;
        self->out_start = 0;
    }
    memcpy(self->out + self->out_end, bytes, len);
    self->out_end += len;
    return jf_link_flush(self);
}

int jf_link_send_alone(jf_link_t *self, const jf_fixed_t *fixed) {
    uint8_t bytes[JF_RAW_ALONE_BYTES];
    if (self->state != JF_LINK_UP) {
        errno = ENOTCONN;
        return -1;
    }
    jf_raw_put_alone(bytes, fixed);
    self->sent_ms = jf_clock_ms();
    self->spoken = true;
    return jf_link_put_control(self, bytes, sizeof bytes);
}

/* Takes what was written off the front of the pieces; gives the index of the first that is not empty. */
static int s_advance(jf_wire_t *wire, int at, size_t written) {
    while (at < wire->piece_count && written >= wire->piece[at].iov_len) written -= wire->piece[at++].iov_len;
    if (at < wire->piece_count) {
        wire->piece[at].iov_base = (char *)wire->piece[at].iov_base + written;
        wire->piece[at].iov_len -= written;
    }
    return at;
}

/* Input is read meanwhile: two sides that only write would wait for each other for ever. */
static int s_wait_for_room(jf_link_t *self, int64_t until_ms) {
    for (;;) {
        int64_t left_ms = until_ms - jf_clock_ms();
        if (left_ms <= 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        short events = self->inbox.bytes < JF_INBOX_BYTES_MAX ? POLLIN | POLLOUT : POLLOUT;
        struct pollfd polled = {.fd = self->fd, .events = events};
        int count = poll(&polled, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (count == -1 && errno != EINTR) return s_lost(self, strerror(errno));
        if (count <= 0) continue;
        if (polled.revents & (POLLIN | POLLERR | POLLHUP) && jf_link_read(self) == -1) return -1;
        if (polled.revents & POLLOUT) return 0;
    }
}

/* What is half written cannot be taken back, and a peer that takes nothing for so long is given up. */
static int s_send_timed_out(jf_link_t *self, bool lost) {
    if (lost) {
        s_lost(self, "the peer takes no more bytes");
    } else {
        jf_fault_local(&self->error, ETIMEDOUT, JF_NAME_TIMED_OUT, "%s: the peer takes no bytes", self->endpoint.text);
    }
    errno = ETIMEDOUT;
    return -1;
}

/* Writes all pieces of self->wire from index at on. */
static int s_write_all(jf_link_t *self, int at, int64_t deadline_ms) {
    bool begun = false;
    while (at < self->wire.piece_count) {
        ssize_t written = s_write(self, &self->wire.piece[at], (size_t)(self->wire.piece_count - at));
        if (written >= 0) {
            begun = begun || written > 0;
            at = s_advance(&self->wire, at, (size_t)written);
            continue;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK) return s_lost(self, strerror(errno));
        int64_t patience_ms = jf_clock_ms() + JF_SEND_MS_MAX;
        if (s_wait_for_room(self, patience_ms < deadline_ms ? patience_ms : deadline_ms) == -1) {
            return errno == ETIMEDOUT ? s_send_timed_out(self, begun || patience_ms < deadline_ms) : -1;
        }
    }
    return 0;
}

int jf_link_send(jf_link_t *self, const jf_outgoing_t *outgoing, int64_t deadline_ms) {
    if (self->state != JF_LINK_UP) {
        errno = ENOTCONN;
        return -1;
    }
    size_t pending = self->out_end - self->out_start;
    jf_raw_encode(outgoing, &self->wire);
    self->wire.piece[0] = (struct iovec){.iov_base = self->out + self->out_start, .iov_len = pending};
    self->writing = true;
    /* Control bytes that are queued while this waits must not overwrite those being written. */
    self->out_start = self->out_end;
    int result = s_write_all(self, pending > 0 ? 0 : 1, deadline_ms);
    if (result == -1 && errno == ETIMEDOUT && self->state == JF_LINK_UP) self->out_start -= pending;
    self->writing = false;
    if (result == -1) return -1;
    self->sent_ms = jf_clock_ms();
    self->spoken = true;
    jf_link_flush(self); /* if the connection is lost with it: the message was sent all the same */
    return 0;
}

void jf_link_read_away(jf_link_t *self) {
    char away[4096];
    ssize_t len = read(self->fd, away, sizeof away);
    if (len == 0 || (len == -1 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) jf_link_close(self);
}

static int s_on_greeting(jf_link_t *self, const jf_zmtp_event_t *event) {
    uint8_t ready[JF_ZMTP_READY_BYTES_MAX];
    if (strcmp(event->mechanism, "NULL") != 0) {
        return s_misfit(self, "the peer wants a security mechanism that is not spoken here (expected: NULL)");
    }
    self->state = JF_LINK_GREETED;
    return jf_link_put_control(self, ready, jf_zmtp_put_ready(ready));
}

static int s_on_ready(jf_link_t *self, const jf_zmtp_event_t *event) {
    const uint8_t *type = NULL;
    size_t type_len = 0;
    if (jf_zmtp_property(event->data, event->data_len, "Socket-Type", &type, &type_len) != 1) {
        return s_misfit(self, "the peer does not say its socket type");
    }
    bool router = type_len == 6 && memcmp(type, "ROUTER", 6) == 0;
    if (!router) return s_misfit(self, "the peer's socket type does not fit (expected: ROUTER)");
    self->state = JF_LINK_UP;
    self->was_up = true;
    self->sent_ms = self->heard_ms = jf_clock_ms();
    jf_fault_clear(&self->error);
    return 0;
}

/* ERROR: length, 1 byte | reason. */
static int s_on_error_command(jf_link_t *self, const jf_zmtp_event_t *event) {
    char reason[256] = "", why[320];
    if (event->data_len > 0 && (size_t)event->data[0] + 1 == event->data_len) {
        jf_text_copy(reason, sizeof reason, (const char *)event->data + 1, event->data[0]);
    }
    for (char *at = reason; *at; at++) {
        if (*at < 0x20 || *at > 0x7E) *at = ' ';
    }
    snprintf(why, sizeof why, "the peer refuses the connection: %s", reason);
    return s_misfit(self, why);
}

/* PING: ttl, 2 bytes | context. PONG: the context. */
static int s_on_ping(jf_link_t *self, const jf_zmtp_event_t *event) {
    uint8_t pong[2 + 5 + JF_ZMTP_PING_CONTEXT_BYTES_MAX];
    size_t context_len = event->data_len - 2;
    if (event->data_len < 2 || context_len > JF_ZMTP_PING_CONTEXT_BYTES_MAX) {
        return s_lost(self, "a PING is malformed");
    }
    size_t at = jf_zmtp_put_frame_header(pong, JF_ZMTP_COMMAND, 5 + context_len);
    memcpy(pong + at, "\x04PONG", 5);
    memcpy(pong + at + 5, event->data + 2, context_len);
    return jf_link_put_control(self, pong, at + 5 + context_len);
}

/* Commands that are not known are ignored, as RFC 37 asks. */
static int s_on_command(jf_link_t *self, const jf_zmtp_event_t *event) {
    if (jf_zmtp_command_is(event, "ERROR")) return s_on_error_command(self, event);
    if (jf_zmtp_command_is(event, "PING")) return s_on_ping(self, event);
    if (self->state == JF_LINK_GREETED && jf_zmtp_command_is(event, "READY")) return s_on_ready(self, event);
    return 0;
}

/* Here and not when the inbox is emptied: a request of that size may be in the same bytes that were read. */
static void s_on_welcome(jf_link_t *self, const jf_message_t *welcome) {
    const jf_header_t *limit = jf_header_list_find(&welcome->headers, "body-bytes-max");
    jf_link_on_body_bytes_max(self, limit ? strtoull(limit->value, NULL, 10) : 0); /* the LF ends the number */
}

static int s_on_message(jf_link_t *self, jf_frames_t **frames_p) {
    if (self->state != JF_LINK_UP) {
        jf_frames_destroy(frames_p);
        return s_lost(self, "the peer sent a message before READY");
    }
    jf_message_t *message = jf_message_new(frames_p);
    if (!message) return s_lost(self, "no memory for a message");
    bool bad = message->wrong_code != 0 && message->wrong_code != JF_ERROR_TOO_LARGE;
    if (bad && ++self->bad_messages > JF_BAD_MESSAGES_MAX) {
        jf_message_destroy(&message);
        return s_lost(self, "the peer sent too many bad messages");
    }
    if (message->wrong_code == 0) self->backoff_ms = self->reconnect_first_ms;
    if (message->wrong_code == 0 && message->fixed.command == JF_HEARTBEAT) {
        bool asked = message->fixed.count == 1;
        jf_link_recycle(self, &message);
        if (!asked && self->heartbeats_open > 0) self->heartbeats_open--;
        return asked ? jf_link_send_alone(self, &(jf_fixed_t){.command = JF_HEARTBEAT}) : 0;
    }
    if (message->wrong_code == 0 && message->fixed.command == JF_WELCOME) s_on_welcome(self, message);
    jf_queue_push(&self->inbox, message);
    return 0;
}

static int s_on_event(jf_link_t *self, jf_zmtp_event_t *event) {
    if (event->kind == JF_ZMTP_EVENT_GREETING) return s_on_greeting(self, event);
    if (event->kind == JF_ZMTP_EVENT_COMMAND) return s_on_command(self, event);
    return s_on_message(self, &event->frames);
}

int jf_link_read(jf_link_t *self) {
    struct iovec space[2];
    jf_zmtp_event_t event;
    int pieces = jf_zmtp_space(&self->zmtp, space);
    ssize_t len = readv(self->fd, space, pieces);
    if (len == -1) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : s_lost(self, strerror(errno));
    if (len == 0) return s_lost(self, "the peer closed the connection");
    self->heard_ms = jf_clock_ms();
    self->asked_ms = 0;
    jf_zmtp_filled(&self->zmtp, (size_t)len);
    for (;;) {
        int found = jf_zmtp_next(&self->zmtp, &event);
        if (found == 0) return 0;
        if (found == -1) {
            char why[sizeof self->zmtp.fault];
            memcpy(why, self->zmtp.fault, sizeof why); /* a drop clears it */
            return errno == EPROTO && self->state != JF_LINK_UP ? s_misfit(self, why) : s_lost(self, why);
        }
        if (s_on_event(self, &event) == -1) return -1;
    }
}
