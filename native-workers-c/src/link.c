#include "link.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"
#include "link_io.h"

int jf_link_init(jf_link_t *self, const char *endpoint) {
    memset(self, 0, sizeof *self);
    self->fd = self->epoll_fd = self->watched = -1;
    self->wanted = true;
    jf_fault_clear(&self->error);
    if (jf_endpoint_parse(&self->endpoint, endpoint) == -1) return -1;
    self->heartbeat_ms = JF_HEARTBEAT_MS;
    self->reconnect_first_ms = self->backoff_ms = JF_RECONNECT_MS_MIN;
    self->reconnect_max_ms = JF_RECONNECT_MS_MAX;
    self->body_bytes_max = JF_BODY_BYTES_MAX;
    self->random = (uint64_t)jf_clock_ms() ^ (uint64_t)(uintptr_t)self ^ (uint64_t)getpid() << 32 ^ 1u;
    self->out = malloc(JF_CONTROL_OUT_BYTES_MAX);
    if (self->out && jf_zmtp_init(&self->zmtp) == 0) return 0;
    jf_link_term(self);
    errno = ENOMEM;
    return -1;
}

void jf_link_term(jf_link_t *self) {
    jf_link_close(self);
    jf_queue_clear(&self->inbox);
    jf_zmtp_term(&self->zmtp);
    if (self->addresses) freeaddrinfo(self->addresses);
    self->addresses = self->address = NULL;
    free(self->out);
    self->out = NULL;
}

int jf_link_set_heartbeat_ms(jf_link_t *self, uint32_t interval_ms) {
    if (interval_ms < JF_HEARTBEAT_MS_MIN || interval_ms > JF_HEARTBEAT_MS_MAX) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "heartbeat interval: %u ms (expected: %u to %u)", interval_ms, JF_HEARTBEAT_MS_MIN, JF_HEARTBEAT_MS_MAX);
    }
    self->heartbeat_ms = interval_ms;
    return 0;
}

int jf_link_set_reconnect_ms(jf_link_t *self, uint32_t first_ms, uint32_t max_ms) {
    if (first_ms == 0 || max_ms < first_ms || max_ms > INT_MAX / 2) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "back-off: %u to %u ms (expected: 1 to %d, and the second not smaller)", first_ms, max_ms, INT_MAX / 2);
    }
    self->reconnect_first_ms = self->backoff_ms = first_ms;
    self->reconnect_max_ms = max_ms;
    return 0;
}

static void s_set_limits(jf_link_t *self, size_t receive_bytes_max, size_t send_bytes_max) {
    self->body_bytes_max = send_bytes_max;
    self->zmtp.frame_bytes_max = self->zmtp.message_bytes_max = receive_bytes_max + JF_ENVELOPE_BYTES_MAX;
}

int jf_link_set_body_bytes_max(jf_link_t *self, size_t bytes_max) {
    if (bytes_max > SIZE_MAX / 2) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "limit of bodies: %zu bytes (expected: at most %zu)", bytes_max, (size_t)(SIZE_MAX / 2));
    }
    self->asked_body_bytes_max = bytes_max;
    if (bytes_max == 0) bytes_max = JF_BODY_BYTES_MAX;
    s_set_limits(self, bytes_max, bytes_max);
    return 0;
}

void jf_link_on_body_bytes_max(jf_link_t *self, uint64_t bytes_max) {
    size_t asked = self->asked_body_bytes_max;
    size_t brokers = bytes_max == 0 ? JF_BODY_BYTES_MAX : bytes_max > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)bytes_max;
    if (asked == 0) s_set_limits(self, brokers, brokers);
    else s_set_limits(self, asked, bytes_max > 0 && brokers < asked ? brokers : asked);
}

void jf_link_close(jf_link_t *self) {
    if (self->watched != -1) epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, self->fd, NULL); /* a fork may still have fd */
    if (self->fd != -1) close(self->fd);
    self->fd = self->watched = -1;
    self->out_start = self->out_end = 0;
    self->spoken = self->writing = false;
    self->bad_messages = 0;
    self->peer_heartbeat_ms = 0;
    self->asked_ms = 0;
    self->heartbeats_open = 0;
    jf_zmtp_reset(&self->zmtp);
    if (self->state != JF_LINK_REFUSED) self->state = JF_LINK_DOWN;
}

/* xorshift64: jitter only spreads workers that lost the same broker. */
static uint32_t s_jitter(jf_link_t *self, uint32_t below) {
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (uint32_t)(self->random % below);
}

void jf_link_drop(jf_link_t *self, uint32_t retry_after_ms) {
    bool more_addresses = self->state == JF_LINK_CONNECTING && self->address && self->address->ai_next;
    jf_link_close(self);
    self->drops++;
    int64_t now_ms = jf_clock_ms();
    if (more_addresses) {
        self->address = self->address->ai_next;
        self->retry_at_ms = now_ms;
        return;
    }
    self->address = NULL;
    uint32_t wait_ms = self->backoff_ms / 2 + s_jitter(self, self->backoff_ms / 2 + 1);
    self->retry_at_ms = now_ms + (wait_ms > retry_after_ms ? wait_ms : retry_after_ms);
    self->backoff_ms = self->backoff_ms > self->reconnect_max_ms / 2 ? self->reconnect_max_ms : self->backoff_ms * 2;
}

void jf_link_on_disconnect(jf_link_t *self, const jf_message_t *disconnect) {
    int code = (int)disconnect->fixed.code;
    jf_fault_coded(&self->error, ECONNRESET, JF_ERROR_CONNECTION_LOST, "%s: the broker ended the connection%s%s",
        self->endpoint.text, code ? ": " : "", code ? jf_error_code_name(code) : "");
    jf_link_drop(self, 0);
}

void jf_link_on_forgotten(jf_link_t *self) {
    jf_fault_coded(&self->error, ECONNRESET, JF_ERROR_CONNECTION_LOST, "%s: the broker has forgotten this client",
        self->endpoint.text);
    jf_link_drop(self, 0);
}

void jf_link_refuse(jf_link_t *self) {
    self->state = JF_LINK_REFUSED;
    jf_link_close(self);
    self->drops++;
}

static void s_not_connected(jf_link_t *self, const char *why) {
    jf_fault_local(&self->error, ECONNREFUSED, JF_NAME_NOT_CONNECTED, "%s: %s", self->endpoint.text, why);
    jf_fault_hint(&self->error, "is a broker listening there?");
    jf_link_drop(self, 0);
}

/* A new look-up for each round: a broker may have moved. */
static bool s_look_up(jf_link_t *self) {
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (self->addresses) freeaddrinfo(self->addresses);
    self->addresses = self->address = NULL;
    int failed = getaddrinfo(self->endpoint.host, self->endpoint.port, &wanted, &self->addresses);
    if (failed) {
        s_not_connected(self, gai_strerror(failed));
        return false;
    }
    self->address = self->addresses;
    return true;
}

static void s_connected(jf_link_t *self) {
    uint8_t greeting[JF_ZMTP_GREETING_BYTES];
    int failed = jf_socket_outcome(self->fd);
    if (failed) {
        s_not_connected(self, strerror(failed));
        return;
    }
    self->state = JF_LINK_GREETING;
    jf_zmtp_put_greeting(greeting);
    jf_link_put_control(self, greeting, sizeof greeting);
}

static void s_connect(jf_link_t *self, int64_t now_ms) {
    bool done = false;
    bool is_ipc = self->endpoint.is_ipc;
    if (!is_ipc && !self->address && !s_look_up(self)) return;
    self->state = JF_LINK_CONNECTING;
    self->handshake_end_ms = now_ms + JF_HANDSHAKE_MS_MAX;
    self->fd = is_ipc ? jf_socket_connect_ipc(self->endpoint.host, &done) : jf_socket_connect(self->address, &done);
    if (self->fd == -1) s_not_connected(self, strerror(errno));
    else if (done) s_connected(self);
}

static int64_t s_interval_ms(const jf_link_t *self) {
    uint32_t ms = self->heartbeat_ms;
    if (self->peer_heartbeat_ms > 0 && self->peer_heartbeat_ms < ms) ms = self->peer_heartbeat_ms;
    return ms < JF_HEARTBEAT_MS_MIN ? JF_HEARTBEAT_MS_MIN : ms;
}

/* When the next heartbeat is due, and when to stop waiting for the answer to the first one. */
static int64_t s_heartbeat_at_ms(const jf_link_t *self) {
    if (!self->spoken) return JF_NEVER_MS;
    if (self->asked_ms) return self->asked_last_ms + s_interval_ms(self);
    return (self->sent_ms < self->heard_ms ? self->sent_ms : self->heard_ms) + s_interval_ms(self);
}

static int64_t s_dead_at_ms(const jf_link_t *self) {
    return self->asked_ms ? self->asked_ms + s_interval_ms(self) * (JF_HEARTBEAT_LIVENESS - 1) : JF_NEVER_MS;
}

int64_t jf_link_timer_ms(const jf_link_t *self) {
    if (self->state == JF_LINK_REFUSED) return JF_NEVER_MS;
    if (self->state == JF_LINK_LEAVING) return self->leave_end_ms;
    if (self->state == JF_LINK_DOWN) return self->wanted ? self->retry_at_ms : JF_NEVER_MS;
    if (self->state != JF_LINK_UP) return self->handshake_end_ms;
    int64_t heartbeat_at_ms = s_heartbeat_at_ms(self), dead_at_ms = s_dead_at_ms(self);
    return heartbeat_at_ms < dead_at_ms ? heartbeat_at_ms : dead_at_ms;
}

int jf_link_ask(jf_link_t *self) {
    if (jf_link_send_alone(self, &(jf_fixed_t){.command = JF_HEARTBEAT, .count = 1}) == -1) return -1;
    self->heartbeats_open++;
    return 0;
}

/*
 * Liveness is judged by heartbeats that were sent and got no answer, and only after input was read: a program
 * that did not call for an hour finds a living broker alive.
 */
static void s_keep_alive(jf_link_t *self, int64_t now_ms) {
    if (now_ms >= s_dead_at_ms(self)) {
        jf_fault_coded(&self->error, ECONNRESET, JF_ERROR_CONNECTION_LOST,
            "%s: no sign of life for %u heartbeat intervals", self->endpoint.text, JF_HEARTBEAT_LIVENESS);
        jf_link_drop(self, 0);
    } else if (now_ms >= s_heartbeat_at_ms(self)) {
        if (!self->asked_ms) self->asked_ms = now_ms;
        self->asked_last_ms = now_ms;
        jf_link_ask(self);
    }
}

static void s_timers(jf_link_t *self, int64_t now_ms) {
    if (self->state == JF_LINK_UP) {
        s_keep_alive(self, now_ms);
    } else if (self->state == JF_LINK_LEAVING) {
        if (now_ms >= self->leave_end_ms) jf_link_close(self);
    } else if (self->state != JF_LINK_DOWN && self->state != JF_LINK_REFUSED && now_ms >= self->handshake_end_ms) {
        s_not_connected(self, "no ZMTP handshake in time");
    }
}

short jf_link_events(const jf_link_t *self) {
    short events = 0;
    if (self->fd == -1) return 0;
    if (self->inbox.bytes < JF_INBOX_BYTES_MAX) events |= POLLIN;
    if (self->state == JF_LINK_CONNECTING || self->out_end > self->out_start) events |= POLLOUT;
    return events;
}

/* After that nothing more may be sent. */
static void s_end_output(jf_link_t *self) {
    if (self->out_start == self->out_end) shutdown(self->fd, SHUT_WR); /* if it fails, the connection is gone */
}

void jf_link_leave(jf_link_t *self) {
    self->wanted = false;
    if (jf_link_send_alone(self, &(jf_fixed_t){.command = JF_DISCONNECT}) == -1) {
        jf_link_close(self);
        return;
    }
    self->state = JF_LINK_LEAVING;
    self->leave_end_ms = jf_clock_ms() + JF_LEAVE_MS_MAX;
    s_end_output(self);
}

static void s_ready_leaving(jf_link_t *self, short events) {
    if (events & POLLOUT && jf_link_flush(self) == 0) s_end_output(self);
    if (self->state == JF_LINK_LEAVING && events & (POLLIN | POLLERR | POLLHUP)) jf_link_read_away(self);
}

static void s_ready(jf_link_t *self, short events) {
    if (self->state == JF_LINK_CONNECTING) {
        s_connected(self);
        return;
    }
    if (self->state == JF_LINK_LEAVING) {
        s_ready_leaving(self, events);
        return;
    }
    if (events & (POLLIN | POLLERR | POLLHUP) && jf_link_read(self) == -1) return;
    if (events & POLLOUT) jf_link_flush(self);
}

void jf_link_begin(jf_link_t *self, int64_t now_ms) {
    self->quiet = false;
    if (self->wanted && self->state == JF_LINK_DOWN && now_ms >= self->retry_at_ms) s_connect(self, now_ms);
}

void jf_link_end(jf_link_t *self, short happened, int64_t now_ms) {
    self->quiet = !happened && !self->inbox.first;
    if (happened && self->fd != -1) s_ready(self, happened);
    s_timers(self, now_ms);
}

int jf_link_watch(jf_link_t *self) {
    if (self->fd == -1) return 0;
    int events = jf_link_events(self);
    if (events == self->watched) return 0;
    struct epoll_event event = {.events = (events & POLLIN ? EPOLLIN : 0u) | (events & POLLOUT ? EPOLLOUT : 0u)};
    int change = self->watched == -1 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(self->epoll_fd, change, self->fd, &event) == -1) return -1;
    self->watched = events;
    return 0;
}

void jf_link_recycle(jf_link_t *self, jf_message_t **message_p) {
    if (!*message_p) return;
    jf_zmtp_recycle(&self->zmtp, &(*message_p)->frames);
    jf_message_destroy(message_p);
}
