/* Runs a fuzz target over files, without libFuzzer: each argument is a folder of inputs. Any compiler will do. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "target.h"

#define S_INPUT_BYTES_MAX (1u << 20)

static void s_fail(const char *path) {
    perror(path);
    exit(2);
}

/* An exact copy on the heap: a sanitiser sees a byte read too far. */
static void s_run(const char *path) {
    static uint8_t input[S_INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) s_fail(path);
    size_t len = fread(input, 1, sizeof input, file);
    fclose(file);
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (!exact) s_fail(path);
    if (len > 0) memcpy(exact, input, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

static int s_run_all(const char *folder) {
    int count = 0;
    DIR *list = opendir(folder);
    if (!list) s_fail(folder);
    for (const struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        char path[4096];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &status) == -1) s_fail(path);
        if (!S_ISREG(status.st_mode)) continue;
        fprintf(stderr, "%s\n", path); /* the last one is the culprit */
        s_run(path);
        count++;
    }
    closedir(list);
    return count;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) count += s_run_all(argv[i]);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 2;
}
