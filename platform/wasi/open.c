/* path_open. */
#include "descriptor.h"
#include "resolve.h"

/* oflags */
enum { CREAT = 1, DIRECTORY = 2, EXCL = 4, TRUNC = 8 };

/* What must already be there, and must be able to become what is asked for. */
static u32 check_node(const struct wasi_node *node, u32 oflags, u64 base) {
    if ((oflags & (CREAT | EXCL)) == (CREAT | EXCL)) return WASI_EXIST;
    if (node->filetype == WASI_FILETYPE_SYMBOLIC_LINK) return WASI_LOOP;
    if (wasi_is_directory(node))
        return oflags & (CREAT | TRUNC) || base & WASI_RIGHT_FD_WRITE ? WASI_ISDIR : WASI_SUCCESS;
    return oflags & DIRECTORY ? WASI_NOTDIR : WASI_SUCCESS;
}

static u32 create(struct wasi_place *place) {
    if (place->slash) return WASI_ISDIR;
    struct wasi_node *node = wasi_node_make(WASI_FILETYPE_REGULAR_FILE);
    if (!node) return WASI_NOSPC;
    u32 outcome = wasi_entry_add(place->directory, place->name, place->length, node);
    if (outcome) {
        wasi_node_release(node);
        return outcome;
    }
    place->node = node;
    return WASI_SUCCESS;
}

static u32 find_or_create(u32 fd, u32 lookup, u32 path, u32 path_len, u32 oflags, u64 base,
                          struct wasi_place *place) {
    if (oflags & CREAT && oflags & EXCL) lookup &= ~(u32)WASI_FOLLOW;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_OPEN, lookup, path, path_len, place));
    if (place->node) return check_node(place->node, oflags, base);
    return oflags & CREAT ? create(place) : WASI_NOENT;
}

/* The rights that the directory needs beside path_open itself. */
static u32 check_rights(u32 fd, u32 oflags) {
    struct wasi_descriptor *directory;
    if (oflags & CREAT)
        WASI_TRY(wasi_descriptor_directory(fd, WASI_RIGHT_PATH_CREATE_FILE, &directory));
    if (oflags & TRUNC)
        WASI_TRY(wasi_descriptor_directory(fd, WASI_RIGHT_PATH_FILESTAT_SET_SIZE, &directory));
    return WASI_SUCCESS;
}

/* Rights that the directory cannot pass on, or that do not fit what is opened,
 * are left out, as the specification allows. */
u32 WASI(path_open)(u32 fd, u32 lookup, u32 path, u32 path_len, u32 oflags, u64 base,
                    u64 inheriting, u32 flags, u32 opened) {
    struct wasi_place place;
    struct wasi_descriptor *directory;
    u32 number;
    if (oflags & ~(u32)(CREAT | DIRECTORY | EXCL | TRUNC) || flags & ~(u32)WASI_FDFLAGS_ALL ||
        (oflags & (CREAT | DIRECTORY)) == (CREAT | DIRECTORY))
        return WASI_INVAL;
    WASI_TRY(check_rights(fd, oflags));
    if (!wasi_inside(opened, 1, 4)) return WASI_FAULT;
    WASI_TRY(wasi_descriptor_free(&number));
    WASI_TRY(find_or_create(fd, lookup, path, path_len, oflags, base, &place));
    WASI_TRY(wasi_descriptor_directory(fd, WASI_RIGHT_PATH_OPEN, &directory));
    bool is_directory = wasi_is_directory(place.node);
    struct wasi_descriptor descriptor = {
        .kind = WASI_NODE,
        .flags = (u16)flags,
        .rights = (u32)base & directory->inheriting &
                  (is_directory ? WASI_DIRECTORY_RIGHTS : WASI_FILE_RIGHTS),
        .inheriting = is_directory ? (u32)inheriting & directory->inheriting : 0,
        .node = place.node,
    };
    wasi_descriptor_open(number, &descriptor);
    if (oflags & TRUNC) {
        wasi_contents_resize(place.node, 0);
        wasi_node_modified(place.node);
    }
    STORE(u32, wasi_at(opened), number);
    return WASI_SUCCESS;
}
