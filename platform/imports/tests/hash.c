/* Prints the hash of standard input: `hash keccak256 whole`; with `prefixes` that
 * of each prefix, from the empty one on, each of them at another alignment and
 * ending where its memory ends, so that a sanitizer sees a read beyond it. */
#include "../wasrisc_imports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print(const char *name, const uint8_t *data, size_t length)
{
    zkvm_bytes_32 hash;
    uint8_t *copy = malloc(length % 8 + 1 + length);
    uint8_t *message = copy + length % 8 + 1;
    memcpy(message, data, length);
    zkvm_status status = strcmp(name, "sha256") == 0 ? zkvm_sha256(message, length, &hash)
                                                     : zkvm_keccak256(message, length, &hash);
    free(copy);
    for (size_t i = 0; i < sizeof hash.data; i++)
        printf("%02x", hash.data[i]);
    puts("");
    return status == ZKVM_EOK;
}

int main(int count, char **words)
{
    static uint8_t data[1 << 20];
    if (count != 3)
        return 2;
    size_t length = fread(data, 1, sizeof data, stdin);
    size_t shortest = strcmp(words[2], "prefixes") == 0 ? 0 : length;
    for (size_t n = shortest; n <= length; n++)
        if (!print(words[1], data, n))
            return 1;
    return 0;
}
