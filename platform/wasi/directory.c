/* Directories: making, removing, listing. A cookie is the number of the entry to
 * begin with; numbers of a directory are given out once, so that a listing goes
 * on rightly whatever is added or removed meanwhile. */
#include "descriptor.h"
#include "resolve.h"

u32 WASI(path_create_directory)(u32 fd, u32 path, u32 path_len) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_CREATE_DIRECTORY, 0, path, path_len, &place));
    if (place.node) return WASI_EXIST;
    struct wasi_node *node = wasi_node_make(WASI_FILETYPE_DIRECTORY);
    if (!node) return WASI_NOSPC;
    u32 outcome = wasi_entry_add(place.directory, place.name, place.length, node);
    wasi_node_release(node);
    return outcome;
}

u32 WASI(path_remove_directory)(u32 fd, u32 path, u32 path_len) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_REMOVE_DIRECTORY, 0, path, path_len, &place));
    if (!place.node) return WASI_NOENT;
    if (!wasi_is_directory(place.node)) return WASI_NOTDIR;
    if (!place.entry) return WASI_INVAL;
    WASI_TRY(wasi_directory_load(place.node));
    if (place.node->first) return WASI_NOTEMPTY;
    wasi_entry_remove(place.entry);
    return WASI_SUCCESS;
}

/* What is left of the module's buffer. */
struct listing {
    u8 *at;
    u32 left;
};

/* Whether there was room for all of the entry; what has room of it is written. */
static bool list(struct listing *listing, u64 next, const struct wasi_node *node, const u8 *name,
                 u32 length) {
    struct {
        u64 next, inode;
        u32 length, filetype;
    } dirent = {next, node->inode, length, node->filetype};
    _Static_assert(sizeof dirent == 24, "as the specification lays it out");
    u32 head = listing->left < sizeof dirent ? listing->left : (u32)sizeof dirent;
    __builtin_memcpy(listing->at, &dirent, head);
    u32 tail = listing->left - head < length ? listing->left - head : length;
    __builtin_memcpy(listing->at + head, name, tail);
    listing->at += head + tail;
    listing->left -= head + tail;
    return tail == length && head == sizeof dirent;
}

static bool list_dots(struct listing *listing, const struct wasi_node *directory, u64 cookie) {
    static const u8 DOTS[] = "..";
    if (cookie < 1 && !list(listing, 1, directory, DOTS, 1)) return false;
    return cookie > 1 || list(listing, 2, directory->parent, DOTS, 2);
}

u32 WASI(fd_readdir)(u32 fd, u32 buf, u32 buf_len, u64 cookie, u32 bufused) {
    struct wasi_descriptor *descriptor;
    WASI_TRY(wasi_descriptor_directory(fd, WASI_RIGHT_FD_READDIR, &descriptor));
    if (!wasi_inside(buf, buf_len, 1) || !wasi_inside(bufused, 1, 4)) return WASI_FAULT;
    struct wasi_node *directory = descriptor->node;
    WASI_TRY(wasi_directory_load(directory));
    struct listing listing = {wasi_at(buf), buf_len};
    struct wasi_entry *entry = NULL;
    if (list_dots(&listing, directory, cookie)) entry = directory->first;
    while (entry && entry->cookie < cookie) entry = entry->next;
    while (entry && list(&listing, entry->cookie + 1, entry->node, entry->name, entry->length))
        entry = entry->next;
    STORE(u32, wasi_at(bufused), buf_len - listing.left);
    return WASI_SUCCESS;
}
