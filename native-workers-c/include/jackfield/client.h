/*
 * A client: asks services through a broker, over a connection that it opens when needed.
 *
 * Threads: a client belongs to one thread at a time; the library starts none. jf_client_wake alone may be called from
 * any thread and from signal handlers. Two clients share nothing. A child of fork may destroy its parent's client, and no
 * more. Callbacks run within jf_client_poll. Failures: -1,
 * errno, and jf_client_error until the next call that fails. A request that was sent ends exactly once: with a final
 * reply or with a failure, also when the connection is lost.
 *
 * Several brokers: requests go to one of them as long as it is there. When it is lost, or drains, they go to the next
 * that can be reached, in the order of the endpoints; a lost one is tried again after its back-off. Of the requests in
 * flight at a broker that is lost, those that are idempotent (JF_IDEMPOTENT) and of which no partial reply has come
 * are sent again, to whichever broker comes next, at most jf_client_set_retries times and until their deadline; the
 * others end with CONNECTION_LOST. The same goes for one broker that comes back, and for an idempotent request that was
 * refused for now (OVERLOADED, DRAINING): it is sent again after JF_RETRY_MS, twice that the next time, and so on, and not
 * before the failure's retry_after_ms. What no worker can have got, since it
 * was not sent to its end or was refused because the broker drains, is sent again also when it is not idempotent, if
 * the client has it still: a call has, and what JF_BODY_STAYS says.
 */
#ifndef JACKFIELD_CLIENT_H
#define JACKFIELD_CLIENT_H

#include "jackfield/message.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jf_client jf_client_t;

/*
 * endpoints: as for jf_worker_new; the first is tried first. Connects only with the first request.
 * NULL and EINVAL, ENOMEM, EMFILE.
 */
JF_EXPORT jf_client_t *jf_client_new(const char *endpoints);

/* Closes; the broker cancels what is in flight. No callback is called any more. */
JF_EXPORT void jf_client_destroy(jf_client_t **self_p);

JF_EXPORT int jf_client_set_heartbeat_ms(jf_client_t *self, uint32_t interval_ms);
JF_EXPORT int jf_client_set_reconnect_ms(jf_client_t *self, uint32_t first_ms, uint32_t max_ms);
/* The largest body that is sent or received; 0, the default: JF_BODY_BYTES_MAX. The broker has a limit of its own. */
JF_EXPORT int jf_client_set_body_bytes_max(jf_client_t *self, size_t bytes_max);
/* How long a call waits until a broker is connected, if its deadline is not earlier: default JF_CONNECT_MS_MAX. */
JF_EXPORT int jf_client_set_connect_ms(jf_client_t *self, uint32_t max_ms);
/*
 * How often an idempotent request is sent again when its broker is lost or refuses it for now: default JF_CLIENT_RETRIES; 0: never; at most
 * JF_CLIENT_RETRIES_MAX. -1 and EINVAL.
 */
JF_EXPORT int jf_client_set_retries(jf_client_t *self, unsigned retries);

/*
 * Asks and waits for the final reply. *reply_p: NULL, or a message of an earlier call, which is used again.
 * timeout_ms: the request's deadline, and the time this call takes at most, plus JF_CALL_GRACE_MS; -1: the
 * service's own deadline, which only the broker knows: one that is there is waited for until it answers or is lost. A
 * broker that is away is waited for as jf_client_set_connect_ms says, whatever the deadline, also by a call that is to be
 * sent again. Partial replies are not
 * shown: use jf_client_stream, or send and recv, for those.
 * -1 and EIO: the request failed (code of the registry in jf_client_error). ETIMEDOUT: no answer in time, and
 * the request is cancelled. ECONNREFUSED: not connected in time. ECONNRESET: the connection was lost; whether
 * the service did its work is not known. EPROTO: the peer is no broker. EINVAL, EMSGSIZE, ENOBUFS, EINTR, ENOMEM.
 */
JF_EXPORT int jf_client_call(jf_client_t *self, const char *service, const void *body, size_t len, int timeout_ms,
    jf_message_t **reply_p);

/* One request in full. Zeroed fields mean the defaults. */
typedef struct jf_request {
    const char *service;  /* needed */
    jf_content_t content; /* at least one part */
    uint32_t timeout_ms;  /* the deadline; 0: the service's own */
    unsigned flags;       /* JF_IDEMPOTENT, JF_BODY_STAYS, or 0 */
} jf_request_t;

/* As jf_client_call, with headers, flags and body parts. */
JF_EXPORT int jf_client_call_with(jf_client_t *self, const jf_request_t *request, jf_message_t **reply_p);

/* Gets a partial reply, valid during the call. Not 0: no more are wanted. */
typedef int (*jf_partial_fn)(const jf_message_t *partial, void *arg);

/*
 * As jf_client_call_with, and gives each partial reply to fn as it comes. When fn wants no more the request is
 * cancelled: -1 and ECANCELED.
 */
JF_EXPORT int jf_client_stream(
    jf_client_t *self, const jf_request_t *request, jf_partial_fn fn, void *arg, jf_message_t **reply_p);

/*
 * Sends a request and does not wait for its reply. *id_p is the id that its replies will carry.
 * Waits at most wait_ms (-1: for ever) for the connection. EAGAIN: JF_CLIENT_IN_FLIGHT_MAX requests are in flight, or
 * JF_CLIENT_KEPT_BYTES_MAX bytes are kept. What is idempotent is kept until it has ended: a copy of its body, unless
 * JF_BODY_STAYS says that the bytes stay. No other request is. A request with a deadline of which the broker says nothing
 * for JF_CALL_GRACE_MS after it ends with DEADLINE_EXCEEDED.
 */
JF_EXPORT int jf_client_send(jf_client_t *self, const jf_request_t *request, int wait_ms, uint64_t *id_p);

/*
 * Waits for the next reply (partial or final) or failure of any request sent. jf_message_failure tells them apart.
 * 0, or -1 and ETIMEDOUT, EINTR, ENOMEM, or ENOENT: nothing is in flight; ENOBUFS: JF_INBOX_BYTES_MAX bytes of replies
 * wait for jf_client_poll.
 */
JF_EXPORT int jf_client_recv(jf_client_t *self, jf_message_t **reply_p, int timeout_ms);

/*
 * Gets a reply (partial or final) or failure of a request: jf_message_failure and jf_message_is_partial tell them
 * apart. It is valid during the call. May use the client in every way but to destroy it.
 */
typedef void (*jf_reply_fn)(jf_client_t *client, const jf_message_t *reply, void *arg);

/*
 * Sends a request now, or keeps it until there is a connection: until its deadline, or JF_RESEND_MS_MAX when it has
 * none. What comes for it goes to fn, within jf_client_poll; with fn NULL it comes by jf_client_recv. id_p may be
 * NULL. A request that is kept is kept as jf_client_send says. EAGAIN likewise. Does not wait for a connection; a body
 * for which the peer's buffers have no room is waited for, at most JF_SEND_MS_MAX.
 */
JF_EXPORT int jf_client_submit(
    jf_client_t *self, const jf_request_t *request, jf_reply_fn fn, void *arg, uint64_t *id_p);

/*
 * Waits for replies to requests with a callback, calls what has become due, and gives how many calls that were. 0: none
 * within timeout_ms. -1 and EINTR, ENOMEM, EPROTO, ENOENT: nothing is in flight; ENOBUFS: JF_INBOX_BYTES_MAX bytes of
 * replies wait for jf_client_recv.
 */
JF_EXPORT int jf_client_poll(jf_client_t *self, int timeout_ms);

/* Asks the broker to end a request; its failure CANCELLED, or the reply that was faster, still comes. */
JF_EXPORT int jf_client_cancel(jf_client_t *self, uint64_t id);

/* Requests that have not ended yet, replies that were not given out included. */
JF_EXPORT size_t jf_client_in_flight(const jf_client_t *self);

/* Makes the call that waits, or the next one, return EINTR. Safe in signal handlers and from other threads. */
JF_EXPORT void jf_client_wake(jf_client_t *self);

/*
 * For an event loop of the program: a descriptor as that of jf_worker_fd. When it is readable, call jf_client_poll, or
 * jf_client_recv until it fails, with timeout 0; whatever it returns, the loop may wait again then.
 */
JF_EXPORT int jf_client_fd(jf_client_t *self);

/* The last failure; never NULL. */
JF_EXPORT const jf_error_t *jf_client_error(const jf_client_t *self);

#ifdef __cplusplus
}
#endif
#endif
