/* Open descriptors: the three streams, the preopened root, what was opened since. */
#ifndef WASI_DESCRIPTOR_H
#define WASI_DESCRIPTOR_H

#include "node.h"

enum wasi_descriptor_kind {
    WASI_CLOSED,
    WASI_UNMOUNTED,  /* the root, before anything asked for it */
    WASI_INPUT,      /* read_input */
    WASI_OUTPUT,     /* write_output */
    WASI_DIAGNOSTIC, /* wasrisc_diagnostic */
    WASI_NODE,
};

struct wasi_descriptor {
    u8 kind;
    bool preopened;
    u16 flags;
    u32 rights, inheriting;
    u64 position; /* in a file or the input */
    struct wasi_node *node;
};

enum { WASI_ROOT_FD = 3 };

/* What a directory, a file can have of all rights. */
#define WASI_DIRECTORY_RIGHTS                                                                  \
    (WASI_RIGHT_FD_FDSTAT_SET_FLAGS | WASI_RIGHT_FD_SYNC | WASI_RIGHT_FD_DATASYNC |            \
     WASI_RIGHT_PATH_CREATE_DIRECTORY | WASI_RIGHT_PATH_CREATE_FILE |                          \
     WASI_RIGHT_PATH_LINK_SOURCE | WASI_RIGHT_PATH_LINK_TARGET | WASI_RIGHT_PATH_OPEN |        \
     WASI_RIGHT_FD_READDIR | WASI_RIGHT_PATH_READLINK | WASI_RIGHT_PATH_RENAME_SOURCE |        \
     WASI_RIGHT_PATH_RENAME_TARGET | WASI_RIGHT_PATH_FILESTAT_GET |                            \
     WASI_RIGHT_PATH_FILESTAT_SET_SIZE | WASI_RIGHT_PATH_FILESTAT_SET_TIMES |                  \
     WASI_RIGHT_FD_FILESTAT_GET | WASI_RIGHT_FD_FILESTAT_SET_TIMES | WASI_RIGHT_PATH_SYMLINK | \
     WASI_RIGHT_PATH_REMOVE_DIRECTORY | WASI_RIGHT_PATH_UNLINK_FILE)
#define WASI_FILE_RIGHTS                                                                      \
    (WASI_RIGHT_FD_DATASYNC | WASI_RIGHT_FD_READ | WASI_RIGHT_FD_SEEK |                       \
     WASI_RIGHT_FD_FDSTAT_SET_FLAGS | WASI_RIGHT_FD_SYNC | WASI_RIGHT_FD_TELL |               \
     WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_ADVISE | WASI_RIGHT_FD_ALLOCATE |                    \
     WASI_RIGHT_FD_FILESTAT_GET | WASI_RIGHT_FD_FILESTAT_SET_SIZE |                           \
     WASI_RIGHT_FD_FILESTAT_SET_TIMES | WASI_RIGHT_POLL_FD_READWRITE)

/* The open descriptor `fd`, or NULL. */
struct wasi_descriptor *wasi_descriptor(u32 fd);

/* The same for what only files do: BADF if it is not open, `refusal` for a
 * stream, ISDIR for a directory, NOTCAPABLE without the right. */
u32 wasi_descriptor_file(u32 fd, u32 right, u32 refusal, struct wasi_descriptor **found);

/* The same for what only directories do: BADF, NOTDIR, NOTCAPABLE. */
u32 wasi_descriptor_directory(u32 fd, u32 right, struct wasi_descriptor **found);

/* The lowest free number from 3 on. NFILE without memory for it. Pointers to
 * descriptors are void after it. */
u32 wasi_descriptor_free(u32 *fd);

/* Opens a node under a free number. */
void wasi_descriptor_open(u32 fd, const struct wasi_descriptor *descriptor);

/* BADF for what is not open, otherwise `refusal`. */
u32 wasi_refuse(u32 fd, u32 refusal);

/* The same for what reads or writes: BADF without the right, of a directory
 * ISDIR (transfer.c). */
u32 wasi_with_right(u32 fd, u32 right, struct wasi_descriptor **found);

/* How many bytes a descriptor has to read from its position on (transfer.c). */
u64 wasi_readable(const struct wasi_descriptor *descriptor);

/* The root's descriptor, closed if there is no image (preopen.c). NOMEM. */
u32 wasi_preopen(struct wasi_descriptor *descriptor);

#endif
