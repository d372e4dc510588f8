/* The file system's tree: nodes, and the names they have in directories. */
#ifndef WASI_NODE_H
#define WASI_NODE_H

#include "wasi.h"

/* A file, a directory or a symbolic link. It lives as long as it has a name or
 * is open. */
struct wasi_node {
    u8 filetype;
    u32 names;
    u32 opened;
    u64 inode;
    u64 atim, mtim, ctim; /* nanoseconds since 1970; reading leaves atim alone */

    /* Contents of a file, target of a link. They are the image's until they are
     * changed: `capacity` is 0 then. Bytes above `size` may be anything. */
    u8 *bytes;
    u64 size;
    u64 capacity;

    /* Of a directory; its own parent once it has no name. */
    struct wasi_node *parent;
    struct wasi_entry *first, *last;
    u64 cookie;         /* of the next entry */
    const u8 *unloaded; /* its record in the image, until its entries are asked for */
};

/* A name. Entries of a directory are in the order in which they were made. */
struct wasi_entry {
    struct wasi_node *directory, *node;
    struct wasi_entry *next, *previous;
    struct wasi_entry *chain; /* with the same hash, modulo the table's size */
    u64 cookie;               /* grows along the list */
    u32 hash;
    u32 length;
    u8 name[];
};

enum {
    WASI_NAME_MOST = 255,
    WASI_FIRST_COOKIE = 2, /* 0 and 1 are `.` and `..` */
};

WASRISC_INLINE bool wasi_is_directory(const struct wasi_node *node) {
    return node->filetype == WASI_FILETYPE_DIRECTORY;
}

/* A node without a name, its times now; NULL without memory. */
struct wasi_node *wasi_node_make(u8 filetype);

/* Frees the node if nothing holds it any more. */
void wasi_node_release(struct wasi_node *node);

/* Marks a change of the contents (or entries), or of the node alone. */
void wasi_node_modified(struct wasi_node *node);
void wasi_node_changed(struct wasi_node *node);

/* Loads the entries of a directory of the image, if that has not been done. */
u32 wasi_directory_load(struct wasi_node *directory);

/* The entry of that name, NULL if there is none. */
u32 wasi_entry_find(struct wasi_node *directory, const u8 *name, u32 length,
                    struct wasi_entry **found);

/* Gives a node a name, which the directory does not have yet. NOSPC without
 * memory, NOENT in a directory that was itself removed. */
u32 wasi_entry_add(struct wasi_node *directory, const u8 *name, u32 length, struct wasi_node *node);

/* Takes the name away, and the node too if nothing else holds it. */
void wasi_entry_remove(struct wasi_entry *entry);

/* ---- Contents (contents.c) ------------------------------------------------ */

/* Makes room for `size` bytes that may be written; the size stays. NOSPC. */
u32 wasi_contents_reserve(struct wasi_node *node, u64 size);

/* Cuts off, or appends zeros. NOSPC. */
u32 wasi_contents_resize(struct wasi_node *node, u64 size);

#endif
