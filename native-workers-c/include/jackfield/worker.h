/*
 * A worker: registers services with its brokers and answers requests, over connections that it keeps up.
 *
 * Threads: a worker belongs to one thread at a time; the library starts none. jf_worker_wake alone may be called
 * from any thread and from signal handlers. Two workers share nothing.
 *
 * Time: the connections live inside jf_worker_recv, jf_worker_wait_ready, jf_worker_is_wanted and jf_worker_run: they
 * connect, reconnect with back-off, register again and keep the heartbeats. A worker that is busy elsewhere may be
 * silent: the broker judges it by the deadline of its requests. (With several brokers, those that gave it nothing to
 * do may take a long silence for its end; it registers there again when it comes back. jf_worker_is_wanted, called now
 * and then, keeps it known to all.) Looking up a host name blocks; an address in digits does not.
 *
 * After fork the child must not use its parent's worker, nor wake it. It may destroy it: that frees the child's memory and
 * descriptors, and the broker hears nothing of it.
 *
 * Failures: -1, errno, and jf_worker_error until the next call that fails.
 */
#ifndef JACKFIELD_WORKER_H
#define JACKFIELD_WORKER_H

#include "jackfield/message.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jf_worker jf_worker_t;

/* What a service is. Zeroed fields mean the defaults. */
typedef struct jf_service_options {
    const char *version; /* NULL: "0" */
    unsigned flags;      /* JF_IDEMPOTENT, or 0 */
    uint32_t timeout_ms; /* for requests without a time of their own; 0: the broker's default */
} jf_service_options_t;

/*
 * endpoints: tcp://HOST:PORT, HOST a name, an IPv4 address or an IPv6 address in brackets; or ipc://PATH, a Unix
 * socket. Of several brokers: with commas between them, at most JF_BROKERS_MAX; the worker serves all that it reaches.
 * Connects only later. NULL and EINVAL for another endpoint, ENOMEM, or EMFILE.
 */
JF_EXPORT jf_worker_t *jf_worker_new(const char *endpoints);

/*
 * Sends DISCONNECT when registered, without waiting, and closes. Requests in flight are lost, and so may be answers that
 * the broker has not read yet: drain first.
 */
JF_EXPORT void jf_worker_destroy(jf_worker_t **self_p);

/* Adds a service; options may be NULL. After registration the worker registers again with all its services. */
JF_EXPORT int jf_worker_add_service(jf_worker_t *self, const char *name, const jf_service_options_t *options);

/* Options, before the first call that waits. How many requests each broker may have at this worker: default 1. */
JF_EXPORT int jf_worker_set_credit(jf_worker_t *self, unsigned credit);
/* A name for people: the header worker-id. */
JF_EXPORT int jf_worker_set_id(jf_worker_t *self, const char *id);
/* The header label.NAME. */
JF_EXPORT int jf_worker_set_label(jf_worker_t *self, const char *name, const char *value);
JF_EXPORT int jf_worker_set_heartbeat_ms(jf_worker_t *self, uint32_t interval_ms);
JF_EXPORT int jf_worker_set_reconnect_ms(jf_worker_t *self, uint32_t first_ms, uint32_t max_ms);
/* The largest body that is sent or received; 0, the default: as large as the broker says (body-bytes-max). */
JF_EXPORT int jf_worker_set_body_bytes_max(jf_worker_t *self, size_t bytes_max);

/*
 * Waits until a broker has registered the services. timeout_ms: -1 for ever. -1 and ETIMEDOUT, EINTR, ESHUTDOWN,
 * or EPROTO when all brokers refused: that is final, and jf_worker_error says why.
 */
JF_EXPORT int jf_worker_wait_ready(jf_worker_t *self, int timeout_ms);

/*
 * Waits for the next request. *request_p: NULL, or a message of an earlier call, which is used again (as getline does):
 * what it held is gone then.
 * timeout_ms: 0 does not wait, -1 waits for ever; a broker that is away is waited for. A request whose deadline came while
 * it waited here is not given: it ends with DEADLINE_EXCEEDED.
 * -1 and ETIMEDOUT: none came. EINTR: a signal or jf_worker_wake. EPROTO: refused, final. ESHUTDOWN: drained, final.
 * ENOMEM. On failure *request_p is left alone.
 */
JF_EXPORT int jf_worker_recv(jf_worker_t *self, jf_message_t **request_p, int timeout_ms);

/*
 * End or continue the request of that id. They wait while the peer's buffers are full, at most JF_SEND_MS_MAX.
 * Each request needs its end, a cancelled one too: until then it counts against the credit. Whatever ends a
 * cancelled request, the broker is told CANCELLED, and the call gives 0.
 * -1 and ECANCELED, for partial replies alone: the request was cancelled, and has ended with this call. ESTALE: it is
 * not in flight, for example since the connection was lost; it needs no end. EINVAL, EMSGSIZE: not sent; the request is
 * still in flight. ECONNRESET, ETIMEDOUT: the connection is lost.
 */
JF_EXPORT int jf_worker_reply(jf_worker_t *self, uint64_t request_id, const void *body, size_t len);
JF_EXPORT int jf_worker_partial(jf_worker_t *self, uint64_t request_id, const void *body, size_t len);
/* flags: JF_PARTIAL or JF_EARLY_EXIT or 0. */
JF_EXPORT int jf_worker_reply_with(
    jf_worker_t *self, uint64_t request_id, const jf_content_t *content, unsigned flags);
/* code: of the registry (JF_ERROR_BAD_REQUEST, ...); hint: may be NULL. */
JF_EXPORT int jf_worker_fail(
    jf_worker_t *self, uint64_t request_id, int code, const char *cause, const char *hint);
/* The same, with the time after which a retry may help. */
JF_EXPORT int jf_worker_fail_after(
    jf_worker_t *self, uint64_t request_id, int code, const char *cause, const char *hint, uint32_t retry_after_ms);

/*
 * For long work: reads what has come, without waiting, keeps the heartbeats, and says whether the request is still
 * wanted. False after a cancel or a lost connection: the answer would be dropped. End it then as soon as you can, with
 * jf_worker_fail or, in a handler of jf_worker_run, by not returning 0.
 */
JF_EXPORT bool jf_worker_is_wanted(jf_worker_t *self, uint64_t request_id);

/*
 * Begins the end: no more requests are asked for. Go on with jf_worker_recv and answers until
 * recv gives ESHUTDOWN: all is answered, and each broker has read it to the end: it has ended the connection, for which
 * it has JF_LEAVE_MS_MAX. A broker that has not answered READY yet is waited for, at most JF_WELCOME_MS_MAX: it may have
 * sent requests.
 */
JF_EXPORT int jf_worker_drain(jf_worker_t *self);

/* Makes the call that waits, or the next one, return EINTR. Safe in signal handlers and from other threads. */
JF_EXPORT void jf_worker_wake(jf_worker_t *self);

/*
 * Answers the request, now or (credit above 1) later. Not 0: the request failed; jf_worker_run then answers
 * HANDLER_FAILED, unless the handler has ended the request itself. The request stays valid until the handler returns.
 */
typedef int (*jf_handler_fn)(jf_worker_t *worker, const jf_message_t *request, void *arg);

/*
 * Serves until jf_worker_wake or a signal, then drains. 0 when drained, -1 as jf_worker_recv (never EINTR,
 * ETIMEDOUT, ESHUTDOWN).
 */
JF_EXPORT int jf_worker_run(jf_worker_t *self, jf_handler_fn handler, void *arg);

/*
 * For an event loop of the program: a descriptor that becomes readable when there is something to do, be it input, a
 * heartbeat that is due or time to connect again. Always the same one; made by the first call (-1 and EMFILE, ENOMEM),
 * closed by jf_worker_destroy. Only wait for it to be readable, level-triggered as poll, select and epoll do by
 * default. When it is: jf_worker_recv with timeout 0 until it fails; ETIMEDOUT means that the loop may wait again, and so
 * does EINTR, after jf_worker_drain if that is what the signal or jf_worker_wake was for.
 * Each jf_worker_recv uses the message again that it is given: for one that is answered later, give it NULL the next time.
 * (After jf_worker_add_service or a setter call jf_worker_recv once, too.)
 */
JF_EXPORT int jf_worker_fd(jf_worker_t *self);

/* Whether a broker has registered the services on the present connection; how many have. */
JF_EXPORT bool jf_worker_is_ready(const jf_worker_t *self);
JF_EXPORT size_t jf_worker_ready_count(const jf_worker_t *self);

/* Requests that were received and have not ended yet, those that jf_worker_recv has not given included. */
JF_EXPORT size_t jf_worker_in_flight(const jf_worker_t *self);

/* The last failure; never NULL. */
JF_EXPORT const jf_error_t *jf_worker_error(const jf_worker_t *self);

#ifdef __cplusplus
}
#endif
#endif
