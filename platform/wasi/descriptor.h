/* Open descriptors: the three streams and whatever was opened since. */
#ifndef WASI_DESCRIPTOR_H
#define WASI_DESCRIPTOR_H

#include "wasi.h"

enum wasi_descriptor_kind {
    WASI_CLOSED,
    WASI_INPUT,      /* read_input */
    WASI_OUTPUT,     /* write_output */
    WASI_DIAGNOSTIC, /* wasrisc_diagnostic */
};

struct wasi_descriptor {
    u8 kind;
    u16 flags;
    u32 rights;
    u32 inheriting;
    u64 position;
};

/* The open descriptor `fd`, or NULL. */
struct wasi_descriptor *wasi_descriptor(u32 fd);

/* The same with one of its rights: BADF if it is not open, NOTCAPABLE if it
 * lacks the right. */
u32 wasi_descriptor_with(u32 fd, u32 right, struct wasi_descriptor **found);

/* What a function that streams do not have returns: BADF for what is not open,
 * otherwise `refusal`. */
u32 wasi_refuse(u32 fd, u32 refusal);

#endif
