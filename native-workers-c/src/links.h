/*
 * The links of one worker or client, one for each broker: they wait together, for their sockets, for a wake from
 * outside and for time, either within a call or in an event loop of the program. Belongs to the thread of its owner.
 */
#ifndef JF_LINKS_H
#define JF_LINKS_H

#include <sys/types.h>

#include "link.h"

typedef struct jf_links {
    size_t count;
    jf_link_t *link;     /* count of them */
    int wake_fd[2];      /* a pipe; -1: none */
    bool woken;          /* a byte came through it, and nobody was told yet */
    int epoll_fd;        /* for an event loop of the program; -1: it never asked */
    int timer_fd;        /* in epoll_fd */
    pid_t pid;           /* of the process that made them: a child of it shares the sockets, and must say nothing on them */
    int64_t armed_ms;    /* when timer_fd makes epoll_fd readable; JF_NEVER_MS: it does not */
} jf_links_t;

/* endpoints: one, or several separated by commas. -1 and EINVAL, ENOMEM, EMFILE. */
int jf_links_init(jf_links_t *self, const char *endpoints);
void jf_links_term(jf_links_t *self);

/* False: they are the parent's, known here since fork. */
bool jf_links_are_ours(const jf_links_t *self);

/* The same for all links. -1 and EINVAL: told in the error of the first. */
int jf_links_set_heartbeat_ms(jf_links_t *self, uint32_t interval_ms);
int jf_links_set_reconnect_ms(jf_links_t *self, uint32_t first_ms, uint32_t max_ms);
int jf_links_set_body_bytes_max(jf_links_t *self, size_t bytes_max);

/*
 * One turn: connects, waits until deadline_ms at most, reads, writes, keeps the timers. 0: something may have changed.
 * -1 and ETIMEDOUT, EINTR, or EPROTO: all links are refused for good.
 */
int jf_links_turn(jf_links_t *self, int64_t deadline_ms);

/* Why there is no connection: of the first link that is not up and knows; NULL: none. */
const jf_error_t *jf_links_error(const jf_links_t *self);

/* Makes jf_links_turn give EINTR. Safe in signal handlers and from other threads. */
void jf_links_wake(jf_links_t *self);

/* The earliest time at which a link must be looked after. */
int64_t jf_links_timer_ms(const jf_links_t *self);

/* The descriptor for event loops: made by the first call, then always the same. -1 with errno. */
int jf_links_fd(jf_links_t *self);

/*
 * To be called before the program waits for that descriptor: it becomes readable at due_ms, now when something waits
 * already. Without a descriptor nothing is done. Never fails visibly: what cannot be watched is looked at at once.
 */
void jf_links_watch(jf_links_t *self, int64_t due_ms);

#endif
