/* The image of a directory that was linked in; README.md has its format. */
#ifndef WASI_IMAGE_H
#define WASI_IMAGE_H

#include "node.h"

/* The root as it was packed, NULL without an image. NOMEM. */
u32 wasi_image_root(struct wasi_node **root);

/* Makes the entries of a directory that still has only its record. */
u32 wasi_image_load(struct wasi_node *directory);

#endif
