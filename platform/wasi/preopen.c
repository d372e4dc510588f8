/* The one preopened directory: the root of the file system, if an image was
 * linked in. */
#include "descriptor.h"
#include "image.h"

static const u8 NAME[] = "/";
enum { NAME_LENGTH = 1 };

/* Programs look for a place for temporary files. */
static u32 make_tmp(struct wasi_node *root) {
    static const u8 TMP[] = "tmp";
    struct wasi_entry *found;
    WASI_TRY(wasi_entry_find(root, TMP, 3, &found));
    if (found) return WASI_SUCCESS;
    struct wasi_node *tmp = wasi_node_make(WASI_FILETYPE_DIRECTORY);
    if (!tmp) return WASI_NOMEM;
    u32 outcome = wasi_entry_add(root, TMP, 3, tmp);
    wasi_node_release(tmp);
    return outcome;
}

u32 wasi_preopen(struct wasi_descriptor *descriptor) {
    static struct wasi_node *root;
    if (!root) WASI_TRY(wasi_image_root(&root));
    if (!root) {
        descriptor->kind = WASI_CLOSED;
        return WASI_SUCCESS;
    }
    root->names = root->opened = 1;
    WASI_TRY(make_tmp(root));
    *descriptor = (struct wasi_descriptor){
        .kind = WASI_NODE,
        .preopened = true,
        .rights = WASI_DIRECTORY_RIGHTS,
        .inheriting = WASI_DIRECTORY_RIGHTS | WASI_FILE_RIGHTS,
        .node = root,
    };
    return WASI_SUCCESS;
}

u32 WASI(fd_prestat_get)(u32 fd, u32 prestat) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor || !descriptor->preopened) return WASI_BADF;
    return wasi_store_u64(prestat, (u64)NAME_LENGTH << 32); /* the tag is 0: a directory */
}

u32 WASI(fd_prestat_dir_name)(u32 fd, u32 path, u32 path_len) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor || !descriptor->preopened) return WASI_BADF;
    if (path_len < NAME_LENGTH) return WASI_NAMETOOLONG;
    return wasi_store(path, NAME, NAME_LENGTH);
}
