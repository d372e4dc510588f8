/* Directories come into being when something in them is asked for; contents stay
 * where the linker put them. The image is part of the program and is trusted. */
#include "image.h"

/* Without an image both symbols are one address. */
__asm__(".pushsection .rodata\n"
        ".weak wasrisc_files\n"
        ".weak wasrisc_files_end\n"
        "wasrisc_files:\n"
        "wasrisc_files_end:\n"
        ".byte 0\n"
        ".popsection\n");

/* After 16 bytes of header; the first record is the root's. */
enum { HEADER_BYTES = 16, RECORD_BYTES = 32 };

struct record {
    u32 filetype;
    u32 name_length;
    u64 name;   /* offset in the image */
    u64 start;  /* offset of the contents; of a directory the number of its first child */
    u64 length; /* bytes; of a directory the number of its children */
};
_Static_assert(sizeof(struct record) == RECORD_BYTES, "as README.md lays it out");

static struct record read_record(const u8 *place) {
    struct record record;
    __builtin_memcpy(&record, place, sizeof record);
    return record;
}

/* As old as the program. */
static void make_old(struct wasi_node *node) {
    node->atim = node->mtim = node->ctim = WASI_REALTIME_START;
}

static struct wasi_node *node_of(const u8 *place) {
    struct record record = read_record(place);
    struct wasi_node *node = wasi_node_make((u8)record.filetype);
    if (!node) return NULL;
    if (wasi_is_directory(node)) {
        node->unloaded = place;
    } else {
        node->bytes = (u8 *)wasrisc_files + record.start;
        node->size = record.length;
    }
    return node;
}

u32 wasi_image_root(struct wasi_node **root) {
    *root = NULL;
    const u8 *end = wasrisc_files_end;
    /* To a compiler two objects never have one address. */
    __asm__("" : "+r"(end));
    if (end == wasrisc_files) return WASI_SUCCESS;
    *root = node_of(wasrisc_files + HEADER_BYTES);
    if (!*root) return WASI_NOMEM;
    make_old(*root);
    return WASI_SUCCESS;
}

u32 wasi_image_load(struct wasi_node *directory) {
    struct record record = read_record(directory->unloaded);
    /* What memory was enough for is found again by the next attempt. */
    u64 loaded = directory->cookie - WASI_FIRST_COOKIE;
    for (u64 i = loaded; i < record.length; i++) {
        const u8 *place = wasrisc_files + HEADER_BYTES + (record.start + i) * RECORD_BYTES;
        struct record child = read_record(place);
        struct wasi_node *node = node_of(place);
        if (!node) return WASI_NOMEM;
        const u8 *name = wasrisc_files + child.name;
        u32 outcome = wasi_entry_add(directory, name, child.name_length, node);
        if (outcome) {
            wasi_node_release(node);
            return WASI_NOMEM;
        }
        make_old(node);
        make_old(directory);
    }
    directory->unloaded = NULL;
    return WASI_SUCCESS;
}
