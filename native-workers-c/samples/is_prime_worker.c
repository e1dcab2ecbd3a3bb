/* The body is a decimal number; the reply is the number itself if it is prime, else its smallest divisor. */
#include <inttypes.h>
#include <stdio.h>

#include "prime.h"
#include "sample.h"

typedef struct s_question {
    jf_worker_t *worker;
    uint64_t id; /* of the request */
} s_question_t;

/* A cancelled request is not worth another division. */
static bool s_go_on(void *arg) {
    s_question_t *question = arg;
    return jf_worker_is_wanted(question->worker, question->id);
}

static int s_handle(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    s_question_t question = {.worker = worker, .id = jf_message_id(request)};
    uint64_t number = 0;
    char reply[24];
    (void)arg;
    if (!prime_parse(jf_message_body(request), jf_message_body_len(request), &number)) {
        return jf_worker_fail(worker, question.id, JF_ERROR_BAD_REQUEST, "the body is not a decimal number below 2^64",
            "send digits only, for example 32416190071");
    }
    uint64_t divisor = prime_smallest_divisor(number, s_go_on, &question);
    if (divisor == 0 && number != 0) return -1; /* nobody waits for the answer: jf_worker_run ends the request */
    int len = snprintf(reply, sizeof reply, "%" PRIu64, divisor);
    return jf_worker_reply(worker, question.id, reply, (size_t)len);
}

int main(int argc, char **argv) {
    sample_options_t options = {.connect = "tcp://127.0.0.1:5555", .service = "is-prime-c"};
    sample_parse(argc, argv, "Is a number prime? A worker in C.", &options);
    const sample_service_t services[] = {{options.service, {.version = "1.0", .flags = JF_IDEMPOTENT}}, {0}};
    return sample_serve(options.connect, services, s_handle);
}
