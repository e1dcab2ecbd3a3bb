#include <jackfield.h>

int main(void) {
    jf_worker_t *worker = jf_worker_new("tcp://127.0.0.1:5555");
    jf_message_t *request = NULL;
    jf_worker_add_service(worker, "echo-c", NULL);
    while (jf_worker_recv(worker, &request, -1) == 0) {
        jf_worker_reply(worker, jf_message_id(request), jf_message_body(request), jf_message_body_len(request));
    }
}
