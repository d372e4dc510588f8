/* Paths, component by component. A symbolic link's target is read before what
 * remains of the path around it. */
#include "descriptor.h"
#include "resolve.h"

enum { MOST_LINKS = 32 };

struct text {
    const u8 *at;
    u64 left;
};

struct walk {
    struct wasi_node *root, *directory;
    u32 flags;
    u32 links;
    u32 depth;
    bool slash; /* the last component has one */
    struct text texts[MOST_LINKS + 1]; /* the last is read first */
};

static void skip_slashes(struct text *text) {
    while (text->left > 0 && *text->at == '/') text->at++, text->left--;
}

/* The next component, of length 0 at the end of all texts. `slash`: one follows. */
static u32 next_component(struct walk *walk, const u8 **name, u32 *length, bool *slash) {
    struct text *text = &walk->texts[walk->depth];
    while (text->left == 0 && walk->depth > 0) text = &walk->texts[--walk->depth];
    const u8 *start = text->at, *end = start + text->left, *at = start;
    while (at < end && *at != '/') {
        if (*at++ == 0) return WASI_INVAL;
    }
    if (at - start > WASI_NAME_MOST) return WASI_NAMETOOLONG;
    *name = start;
    *length = (u32)(at - start);
    *slash = at < end;
    text->left = (u64)(end - at);
    text->at = at;
    skip_slashes(text);
    return WASI_SUCCESS;
}

static bool is_last(const struct walk *walk) {
    for (u32 i = 0; i <= walk->depth; i++)
        if (walk->texts[i].left > 0) return false;
    return true;
}

static u32 begin_text(struct walk *walk, u32 depth, const u8 *at, u64 left) {
    if (left == 0) return WASI_NOENT;
    if (*at == '/') return WASI_NOTCAPABLE;
    walk->depth = depth;
    walk->texts[depth] = (struct text){at, left};
    return WASI_SUCCESS;
}

static u32 follow(struct walk *walk, const struct wasi_node *link) {
    if (++walk->links > MOST_LINKS) return WASI_LOOP;
    return begin_text(walk, walk->depth + 1, link->bytes, link->size);
}

/* `.` or `..`: where it leads. */
static u32 step_dots(struct walk *walk, u32 dots, struct wasi_place *place) {
    if (dots == 2) {
        if (walk->directory == walk->root) return WASI_NOTCAPABLE;
        walk->directory = walk->directory->parent;
    }
    *place = (struct wasi_place){.node = walk->directory, .directory = walk->directory};
    return WASI_SUCCESS;
}

/* One component. `place` is where it leads unless it is followed. */
static u32 step(struct walk *walk, const u8 *name, u32 length, bool slash,
                struct wasi_place *place) {
    if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
        return step_dots(walk, length, place);
    struct wasi_entry *entry;
    WASI_TRY(wasi_entry_find(walk->directory, name, length, &entry));
    struct wasi_node *node = entry ? entry->node : NULL;
    bool last = is_last(walk);
    /* It stays so when what it names is a link and is followed. */
    if (last && slash) walk->slash = true;
    *place = (struct wasi_place){node, entry, walk->directory, name, length, walk->slash};
    if (!node) return last ? WASI_SUCCESS : WASI_NOENT;
    bool through = !last || walk->slash;
    if (node->filetype == WASI_FILETYPE_SYMBOLIC_LINK && (through || walk->flags & WASI_FOLLOW))
        return follow(walk, node);
    if (wasi_is_directory(node)) walk->directory = node;
    else if (through) return WASI_NOTDIR;
    return WASI_SUCCESS;
}

u32 wasi_resolve(u32 fd, u32 right, u32 flags, u32 path, u32 path_len, struct wasi_place *place) {
    struct wasi_descriptor *descriptor;
    struct walk walk;
    WASI_TRY(wasi_descriptor_directory(fd, right, &descriptor));
    if (flags & ~(u32)WASI_FOLLOW) return WASI_INVAL;
    if (!wasi_inside(path, path_len, 1)) return WASI_FAULT;
    walk.root = walk.directory = descriptor->node;
    walk.flags = flags;
    walk.links = 0;
    walk.slash = false;
    WASI_TRY(begin_text(&walk, 0, wasi_at(path), path_len));
    for (;;) {
        const u8 *name;
        u32 length;
        bool slash;
        WASI_TRY(next_component(&walk, &name, &length, &slash));
        if (length == 0) return WASI_SUCCESS;
        WASI_TRY(step(&walk, name, length, slash, place));
    }
}
