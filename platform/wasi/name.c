/* Names of files: giving them, taking them, moving them; symbolic links. */
#include "descriptor.h"
#include "resolve.h"

/* Adds the entry that `place` lacks. */
static u32 add(const struct wasi_place *place, struct wasi_node *node) {
    return wasi_entry_add(place->directory, place->name, place->length, node);
}

u32 WASI(path_link)(u32 fd, u32 flags, u32 path, u32 path_len, u32 new_fd, u32 new_path,
                    u32 new_path_len) {
    struct wasi_place from, to;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_LINK_SOURCE, flags, path, path_len, &from));
    WASI_TRY(wasi_resolve(new_fd, WASI_RIGHT_PATH_LINK_TARGET, 0, new_path, new_path_len, &to));
    if (!from.node) return WASI_NOENT;
    if (to.node) return WASI_EXIST;
    if (wasi_is_directory(from.node)) return WASI_PERM;
    return to.slash ? WASI_NOENT : add(&to, from.node);
}

u32 WASI(path_unlink_file)(u32 fd, u32 path, u32 path_len) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_UNLINK_FILE, 0, path, path_len, &place));
    if (!place.node) return WASI_NOENT;
    if (wasi_is_directory(place.node)) return WASI_ISDIR;
    wasi_entry_remove(place.entry);
    return WASI_SUCCESS;
}

static bool is_within(const struct wasi_node *node, const struct wasi_node *directory) {
    while (node != directory && node->parent != node) node = node->parent;
    return node == directory;
}

/* Whether what lies at `to` may give way to `from`. */
static u32 check_replacement(const struct wasi_place *from, const struct wasi_place *to) {
    if (wasi_is_directory(from->node)) {
        if (is_within(to->directory, from->node)) return WASI_INVAL;
    } else if (to->slash) {
        return WASI_NOTDIR;
    }
    if (!to->node) return WASI_SUCCESS;
    if (!wasi_is_directory(to->node))
        return wasi_is_directory(from->node) ? WASI_NOTDIR : WASI_SUCCESS;
    if (!wasi_is_directory(from->node)) return WASI_ISDIR;
    WASI_TRY(wasi_directory_load(to->node));
    return to->node->first ? WASI_NOTEMPTY : WASI_SUCCESS;
}

u32 WASI(path_rename)(u32 fd, u32 path, u32 path_len, u32 new_fd, u32 new_path, u32 new_path_len) {
    struct wasi_place from, to;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_RENAME_SOURCE, 0, path, path_len, &from));
    WASI_TRY(wasi_resolve(new_fd, WASI_RIGHT_PATH_RENAME_TARGET, 0, new_path, new_path_len, &to));
    if (!from.node) return WASI_NOENT;
    if (!from.entry || (to.node && !to.entry)) return WASI_BUSY;
    if (from.node == to.node) return WASI_SUCCESS;
    WASI_TRY(check_replacement(&from, &to));
    /* The new name comes first: where there is no memory for it, nothing changed. */
    WASI_TRY(add(&to, from.node));
    if (to.entry) wasi_entry_remove(to.entry);
    wasi_entry_remove(from.entry);
    return WASI_SUCCESS;
}

u32 WASI(path_symlink)(u32 target, u32 target_len, u32 fd, u32 path, u32 path_len) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_SYMLINK, 0, path, path_len, &place));
    if (!wasi_inside(target, target_len, 1)) return WASI_FAULT;
    if (place.node) return WASI_EXIST;
    if (target_len == 0 || place.slash) return WASI_NOENT;
    struct wasi_node *node = wasi_node_make(WASI_FILETYPE_SYMBOLIC_LINK);
    if (!node) return WASI_NOSPC;
    u32 outcome = wasi_contents_reserve(node, target_len);
    if (!outcome) {
        __builtin_memcpy(node->bytes, wasi_at(target), target_len);
        node->size = target_len;
        outcome = add(&place, node);
    }
    wasi_node_release(node);
    return outcome;
}

u32 WASI(path_readlink)(u32 fd, u32 path, u32 path_len, u32 buf, u32 buf_len, u32 bufused) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_READLINK, 0, path, path_len, &place));
    if (!place.node) return WASI_NOENT;
    if (place.node->filetype != WASI_FILETYPE_SYMBOLIC_LINK) return WASI_INVAL;
    u32 length = place.node->size < buf_len ? (u32)place.node->size : buf_len;
    WASI_TRY(wasi_store(buf, place.node->bytes, length));
    return wasi_store_u32(bufused, length);
}
