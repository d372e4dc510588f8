/* Memory for the file system and the table of descriptors. */
#ifndef WASI_HEAP_H
#define WASI_HEAP_H

#include "wasi.h"

/* At least `bytes` bytes, aligned to 16, with any contents; NULL if the heap has
 * no room. */
void *wasi_allocate(u64 bytes);

/* Gives back what wasi_allocate gave; NULL is nothing. */
void wasi_free(void *allocated);

/* How many bytes of an allocation may be used, at least what was asked for. */
u64 wasi_allocated(const void *allocated);

#endif
