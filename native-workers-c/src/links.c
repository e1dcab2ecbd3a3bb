#include "links.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"

static int s_open_wake(jf_links_t *self) {
    if (pipe(self->wake_fd) == -1) return -1;
    return jf_socket_set_flags(self->wake_fd[0]) == -1 ? -1 : jf_socket_set_flags(self->wake_fd[1]);
}

/* Adds a link for the endpoint that begins at text; gives what follows its comma, or NULL at the end. */
static int s_add(jf_links_t *self, const char **text_p) {
    char endpoint[JF_ENDPOINT_BYTES_MAX];
    const char *text = *text_p;
    const char *comma = strchr(text, ',');
    size_t len = comma ? (size_t)(comma - text) : strlen(text);
    if (len >= sizeof endpoint || self->count == JF_BROKERS_MAX) {
        errno = EINVAL;
        return -1;
    }
    memcpy(endpoint, text, len);
    endpoint[len] = '\0';
    if (jf_link_init(&self->link[self->count], endpoint) == -1) return -1;
    self->count++;
    *text_p = comma ? comma + 1 : NULL;
    return 0;
}

static size_t s_count(const char *endpoints) {
    size_t count = 1;
    for (const char *at = endpoints; *at; at++) count += *at == ',';
    return count;
}

int jf_links_init(jf_links_t *self, const char *endpoints) {
    memset(self, 0, sizeof *self);
    self->wake_fd[0] = self->wake_fd[1] = self->epoll_fd = self->timer_fd = -1;
    self->armed_ms = JF_NEVER_MS;
    self->pid = getpid();
    if (!endpoints) {
        errno = EINVAL;
        return -1;
    }
    self->link = calloc(s_count(endpoints), sizeof *self->link);
    int failed = !self->link || s_open_wake(self) == -1;
    while (!failed && endpoints) failed = s_add(self, &endpoints) == -1;
    if (!failed) return 0;
    int why = errno;
    jf_links_term(self);
    errno = why;
    return -1;
}

static void s_close(int *fd_p) {
    if (*fd_p != -1) close(*fd_p);
    *fd_p = -1;
}

bool jf_links_are_ours(const jf_links_t *self) { return self->pid == getpid(); }

void jf_links_term(jf_links_t *self) {
    bool ours = jf_links_are_ours(self);
    for (size_t i = 0; i < self->count; i++) {
        if (!ours) self->link[i].watched = -1; /* the parent's epoll_fd goes on watching it */
        jf_link_term(&self->link[i]);
    }
    free(self->link);
    self->link = NULL;
    self->count = 0;
    s_close(&self->wake_fd[0]);
    s_close(&self->wake_fd[1]);
    s_close(&self->timer_fd);
    s_close(&self->epoll_fd);
}

int jf_links_set_heartbeat_ms(jf_links_t *self, uint32_t interval_ms) {
    int result = 0;
    for (size_t i = 0; i < self->count && result == 0; i++) {
        result = jf_link_set_heartbeat_ms(&self->link[i], interval_ms);
    }
    return result;
}

int jf_links_set_reconnect_ms(jf_links_t *self, uint32_t first_ms, uint32_t max_ms) {
    int result = 0;
    for (size_t i = 0; i < self->count && result == 0; i++) {
        result = jf_link_set_reconnect_ms(&self->link[i], first_ms, max_ms);
    }
    return result;
}

int jf_links_set_body_bytes_max(jf_links_t *self, size_t bytes_max) {
    int result = 0;
    for (size_t i = 0; i < self->count && result == 0; i++) {
        result = jf_link_set_body_bytes_max(&self->link[i], bytes_max);
    }
    return result;
}

const jf_error_t *jf_links_error(const jf_links_t *self) {
    for (size_t i = 0; i < self->count; i++) {
        const jf_link_t *link = &self->link[i];
        if (link->state != JF_LINK_UP && jf_fault_is_set(&link->error)) return &link->error;
    }
    return NULL;
}

void jf_links_wake(jf_links_t *self) {
    int kept = errno; /* this may run in a signal handler */
    ssize_t written = write(self->wake_fd[1], "", 1);
    (void)written; /* a full pipe wakes as well */
    errno = kept;
}

int64_t jf_links_timer_ms(const jf_links_t *self) {
    int64_t first_ms = JF_NEVER_MS;
    for (size_t i = 0; i < self->count; i++) {
        int64_t timer_ms = jf_link_timer_ms(&self->link[i]);
        if (timer_ms < first_ms) first_ms = timer_ms;
    }
    return first_ms;
}

static bool s_is_refused(const jf_links_t *self) {
    for (size_t i = 0; i < self->count; i++) {
        if (self->link[i].state != JF_LINK_REFUSED) return false;
    }
    return true;
}

static void s_take_wake(jf_links_t *self) {
    char bytes[64];
    while (read(self->wake_fd[0], bytes, sizeof bytes) > 0) {
    }
    self->woken = true;
}

/* Waits for all of them; gives what poll gave. */
static int s_wait(jf_links_t *self, struct pollfd *polled, int64_t until_ms, int64_t now_ms) {
    for (size_t i = 0; i < self->count; i++) {
        polled[i] = (struct pollfd){.fd = self->link[i].fd, .events = jf_link_events(&self->link[i])};
    }
    polled[self->count] = (struct pollfd){.fd = self->wake_fd[0], .events = POLLIN};
    return poll(polled, self->count + 1, jf_clock_wait_ms(until_ms, now_ms));
}

/* Whether a connection failed at once: the owner may want another one, and not wait for the back-off of this. */
static bool s_begin(jf_links_t *self, int64_t now_ms) {
    bool failed = false;
    for (size_t i = 0; i < self->count; i++) {
        unsigned drops = self->link[i].drops;
        jf_link_begin(&self->link[i], now_ms);
        failed = failed || self->link[i].drops != drops;
    }
    return failed;
}

int jf_links_turn(jf_links_t *self, int64_t deadline_ms) {
    struct pollfd polled[JF_BROKERS_MAX + 1];
    int64_t now_ms = jf_clock_ms();
    if (s_begin(self, now_ms)) return 0;
    if (s_is_refused(self)) {
        errno = EPROTO;
        return -1;
    }
    if (self->woken) deadline_ms = 0; /* the wake is not told yet: read, but do not wait */
    int64_t timer_ms = jf_links_timer_ms(self);
    int count = s_wait(self, polled, timer_ms < deadline_ms ? timer_ms : deadline_ms, now_ms);
    if (count == -1) return -1; /* EINTR */
    if (polled[self->count].revents) s_take_wake(self);
    now_ms = jf_clock_ms();
    for (size_t i = 0; i < self->count; i++) jf_link_end(&self->link[i], polled[i].revents, now_ms);
    if (!self->woken && (count > 0 || now_ms < deadline_ms)) return 0;
    errno = self->woken ? EINTR : ETIMEDOUT;
    return -1;
}

/* ---- for an event loop of the program ---- */

static int s_watch_plain(jf_links_t *self, int fd) {
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int jf_links_fd(jf_links_t *self) {
    if (self->epoll_fd != -1) return self->epoll_fd;
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (self->epoll_fd == -1 || self->timer_fd == -1 || s_watch_plain(self, self->wake_fd[0]) == -1
        || s_watch_plain(self, self->timer_fd) == -1) {
        int why = errno;
        s_close(&self->timer_fd);
        s_close(&self->epoll_fd);
        errno = why;
        return -1;
    }
    for (size_t i = 0; i < self->count; i++) self->link[i].epoll_fd = self->epoll_fd;
    return self->epoll_fd;
}

/* A time that has come keeps the descriptor readable until it is set anew; one that comes too early costs a look. */
static void s_arm(jf_links_t *self, int64_t due_ms) {
    struct itimerspec when = {.it_value = {.tv_sec = 0}};
    bool armed = self->armed_ms != JF_NEVER_MS && self->armed_ms > jf_clock_ms();
    if (armed ? due_ms >= self->armed_ms : due_ms == self->armed_ms) return;
    if (due_ms != JF_NEVER_MS) {
        when.it_value.tv_sec = (time_t)(due_ms / 1000);
        when.it_value.tv_nsec = (long)(due_ms % 1000) * 1000000 + 1; /* all zero would mean: never */
    }
    timerfd_settime(self->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    self->armed_ms = due_ms;
}

void jf_links_watch(jf_links_t *self, int64_t due_ms) {
    if (self->epoll_fd == -1) return;
    for (size_t i = 0; i < self->count; i++) {
        if (jf_link_watch(&self->link[i]) == -1) due_ms = jf_clock_ms();
    }
    s_arm(self, due_ms);
}
