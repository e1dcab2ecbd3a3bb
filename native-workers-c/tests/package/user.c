#include <errno.h>
#include <jackfield.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    jf_client_t *client = jf_client_new("tcp://127.0.0.1:5555");
    jf_message_t *reply = NULL;
    if (!client || jf_client_call(client, "no name", "", 0, 1000, &reply) == 0 || errno != EINVAL) return 1;
    puts(jf_client_error(client)->name);
    int right = strcmp(jf_client_error(client)->name, "BAD_SERVICE_NAME") == 0;
    jf_client_destroy(&client);
    return !right;
}
