/* Operations at random, each compared with a simple model of a file system. With a
 * small heap the real one may run out of memory instead, and then nothing may
 * have changed. */
#include "check.h"

#ifndef HEAP_BYTES
#define HEAP_BYTES (1 << 24)
#endif

enum { NODES = 64, NAMES = 6, MOST_SIZE = 9000, FDS = 4, NONE = -1 };
enum { FILE_TYPE = WASI_FILETYPE_REGULAR_FILE, DIRECTORY_TYPE = WASI_FILETYPE_DIRECTORY,
       LINK_TYPE = WASI_FILETYPE_SYMBOLIC_LINK };

/* A directory maps each of a few names to a node. */
static struct node {
    u8 type; /* 0: not in use */
    u32 names, opened, size;
    int parent, name;
    int children[NAMES];
    u8 bytes[MOST_SIZE];
} nodes[NODES];

static struct open {
    int node;
    u32 fd, position;
} fds[FDS];

static u32 result, buffer;
static u64 seed;
static u32 out_of_memory;

static u32 below(u32 end) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (u32)(seed >> 33) % end;
}

/* Whether the call did what the model does; false: it had no memory for it. */
static bool agreed(const char *what, u32 expected, u32 outcome) {
    bool exhausted = outcome == WASI_NOSPC || outcome == WASI_NOMEM || outcome == WASI_NFILE;
    if (HEAP_BYTES < 1 << 20 && exhausted) {
        out_of_memory++;
        return false;
    }
    check(what, (int)seed, "outcome", expected, outcome);
    return outcome == WASI_SUCCESS;
}

static int make(u8 type) {
    for (int i = 1; i < NODES; i++) {
        if (nodes[i].type) continue;
        memset(&nodes[i], 0, sizeof nodes[i]);
        nodes[i].type = type;
        for (int j = 0; j < NAMES; j++) nodes[i].children[j] = NONE;
        return i;
    }
    return NONE;
}

static void add(int directory, int name, int node) {
    nodes[directory].children[name] = node;
    nodes[node].names++;
    nodes[node].parent = directory;
    nodes[node].name = name;
}

static void release(int node) {
    if (nodes[node].names == 0 && nodes[node].opened == 0) nodes[node].type = 0;
}

static void take(int directory, int name) {
    int node = nodes[directory].children[name];
    nodes[directory].children[name] = NONE;
    nodes[node].names--;
    release(node);
}

static bool is_empty(int directory) {
    for (int i = 0; i < NAMES; i++)
        if (nodes[directory].children[i] != NONE) return false;
    return true;
}

static bool is_within(int node, int directory) {
    while (node != directory && node != 0) node = nodes[node].parent;
    return node == directory;
}

/* A place: a directory that there is, and one of the names. */
struct place {
    int directory, name, node;
    u32 path, length;
};

static u32 write_path(int directory, char *path) {
    if (directory == 0) return (u32)sprintf(path, "m");
    u32 length = write_path(nodes[directory].parent, path);
    return length + (u32)sprintf(path + length, "/%c", 'a' + nodes[directory].name);
}

static struct place any_place(void) {
    struct place place;
    char path[3 * NODES];
    do place.directory = (int)below(NODES);
    while (nodes[place.directory].type != DIRECTORY_TYPE ||
           (place.directory != 0 && nodes[place.directory].names == 0));
    place.name = (int)below(NAMES);
    place.node = nodes[place.directory].children[place.name];
    place.length = write_path(place.directory, path);
    place.length += (u32)sprintf(path + place.length, "/%c", 'a' + place.name);
    place.path = put(path, place.length);
    return place;
}

static u8 type_at(struct place place) {
    return place.node == NONE ? 0 : nodes[place.node].type;
}

/* What opening for reading and writing gives. */
static u32 open_expected(struct place place, u32 oflags) {
    if (!type_at(place)) return oflags & CREAT ? WASI_SUCCESS : WASI_NOENT;
    if (oflags & EXCL) return WASI_EXIST;
    if (type_at(place) == LINK_TYPE) return WASI_LOOP;
    return type_at(place) == DIRECTORY_TYPE ? WASI_ISDIR : WASI_SUCCESS;
}

static int open_place(struct place *place, u32 oflags) {
    static const u32 CHOICES[] = {0, CREAT, CREAT | EXCL, CREAT | TRUNC, TRUNC};
    if (oflags == UINT32_MAX) oflags = CHOICES[below(5)];
    int made = NONE;
    if (place->node == NONE && oflags & CREAT && (made = make(FILE_TYPE)) == NONE) return NONE;
    u32 outcome = WASI_IMPORT(path_open)(ROOT, 0, place->path, place->length, oflags, ALL_RIGHTS, 0, 0,
                                         result);
    bool done = agreed("open", open_expected(*place, oflags), outcome);
    if (made != NONE && done) {
        add(place->directory, place->name, made);
        place->node = made;
    } else if (made != NONE) {
        nodes[made].type = 0;
    }
    if (!done) return NONE;
    if (oflags & TRUNC) nodes[place->node].size = 0;
    return (int)AT_32(result);
}

static void open_and_keep(struct open *open) {
    if (open->node != NONE) {
        CHECK(SUCCESS, fd_close, open->fd);
        nodes[open->node].opened--;
        release(open->node);
        open->node = NONE;
        return;
    }
    struct place place = any_place();
    int fd = open_place(&place, UINT32_MAX);
    if (fd == NONE) return;
    *open = (struct open){place.node, (u32)fd, 0};
    nodes[place.node].opened++;
}

static void write_bytes(struct open *open) {
    u32 length = below(1500);
    if (open->node == NONE) return;
    struct node *node = &nodes[open->node];
    if (open->position + length > MOST_SIZE) return;
    for (u32 i = 0; i < length; i++) wasi_at(buffer)[i] = (u8)below(256);
    u32 parts = put((u32[]){buffer, length / 3, buffer + length / 3, length - length / 3}, 16);
    if (!agreed("write", WASI_SUCCESS, WASI_IMPORT(fd_write)(open->fd, parts, 2, result))) return;
    EQUAL(length, AT_32(result));
    if (length == 0) return;
    if (open->position > node->size) memset(node->bytes + node->size, 0, open->position - node->size);
    memcpy(node->bytes + open->position, wasi_at(buffer), length);
    open->position += length;
    if (open->position > node->size) node->size = open->position;
}

static void read_bytes(struct open *open) {
    u32 length = below(3000);
    if (open->node == NONE) return;
    struct node *node = &nodes[open->node];
    u32 left = open->position < node->size ? node->size - open->position : 0;
    u32 expected = length < left ? length : left;
    CHECK(SUCCESS, fd_read, open->fd, vector(buffer, length), 1, result);
    EQUAL(expected, AT_32(result));
    EQUAL(0, memcmp(wasi_at(buffer), node->bytes + open->position, expected));
    open->position += expected;
}

static void seek_or_resize(struct open *open) {
    u32 to = below(MOST_SIZE);
    if (open->node == NONE) return;
    struct node *node = &nodes[open->node];
    if (below(2)) {
        CHECK(SUCCESS, fd_seek, open->fd, to, 0, result);
        open->position = to;
        return;
    }
    if (!agreed("resize", WASI_SUCCESS, WASI_IMPORT(fd_filestat_set_size)(open->fd, to))) return;
    if (to > node->size) memset(node->bytes + node->size, 0, to - node->size);
    node->size = to;
}

static void make_directory(void) {
    struct place place = any_place();
    int made = place.node == NONE ? make(DIRECTORY_TYPE) : NONE;
    if (place.node == NONE && made == NONE) return;
    u32 outcome = WASI_IMPORT(path_create_directory)(ROOT, place.path, place.length);
    bool done = agreed("mkdir", place.node == NONE ? WASI_SUCCESS : WASI_EXIST, outcome);
    if (done) add(place.directory, place.name, made);
    else if (made != NONE) nodes[made].type = 0;
}

static void make_link(void) {
    struct place place = any_place();
    int made = place.node == NONE ? make(LINK_TYPE) : NONE;
    if (place.node == NONE && made == NONE) return;
    u32 outcome = WASI_IMPORT(path_symlink)(PATH("a/target"), ROOT, place.path, place.length);
    bool done = agreed("symlink", place.node == NONE ? WASI_SUCCESS : WASI_EXIST, outcome);
    if (done) {
        add(place.directory, place.name, made);
        nodes[made].size = 8;
    } else if (made != NONE) {
        nodes[made].type = 0;
    }
}

static void remove_name(void) {
    struct place place = any_place();
    bool unlink = below(2);
    u32 expected = WASI_SUCCESS;
    if (!type_at(place)) expected = WASI_NOENT;
    else if (unlink && type_at(place) == DIRECTORY_TYPE) expected = WASI_ISDIR;
    else if (!unlink && type_at(place) != DIRECTORY_TYPE) expected = WASI_NOTDIR;
    else if (!unlink && !is_empty(place.node)) expected = WASI_NOTEMPTY;
    u32 outcome = unlink ? WASI_IMPORT(path_unlink_file)(ROOT, place.path, place.length)
                         : WASI_IMPORT(path_remove_directory)(ROOT, place.path, place.length);
    if (agreed(unlink ? "unlink" : "rmdir", expected, outcome)) take(place.directory, place.name);
}

static void link_name(void) {
    struct place from = any_place(), to = any_place();
    u32 expected = WASI_SUCCESS;
    if (!type_at(from)) expected = WASI_NOENT;
    else if (type_at(to)) expected = WASI_EXIST;
    else if (type_at(from) == DIRECTORY_TYPE) expected = WASI_PERM;
    u32 outcome = WASI_IMPORT(path_link)(ROOT, 0, from.path, from.length, ROOT, to.path, to.length);
    if (agreed("link", expected, outcome)) add(to.directory, to.name, from.node);
}

static u32 rename_expected(struct place from, struct place to) {
    bool directory = type_at(from) == DIRECTORY_TYPE, onto = type_at(to) == DIRECTORY_TYPE;
    if (!type_at(from)) return WASI_NOENT;
    if (from.node == to.node) return WASI_SUCCESS;
    if (directory && is_within(to.directory, from.node)) return WASI_INVAL;
    if (!type_at(to)) return WASI_SUCCESS;
    if (directory && !onto) return WASI_NOTDIR;
    if (!directory && onto) return WASI_ISDIR;
    return onto && !is_empty(to.node) ? WASI_NOTEMPTY : WASI_SUCCESS;
}

static void rename_name(void) {
    struct place from = any_place(), to = any_place();
    u32 outcome = WASI_IMPORT(path_rename)(ROOT, from.path, from.length, ROOT, to.path, to.length);
    if (!agreed("rename", rename_expected(from, to), outcome) || from.node == to.node) return;
    if (to.node != NONE) take(to.directory, to.name);
    add(to.directory, to.name, from.node);
    nodes[from.directory].children[from.name] = NONE;
    nodes[from.node].names--;
}

static void look(void) {
    struct place place = any_place();
    u32 stat = room(64);
    u32 outcome = WASI_IMPORT(path_filestat_get)(ROOT, 0, place.path, place.length, stat);
    if (!agreed("stat", type_at(place) ? WASI_SUCCESS : WASI_NOENT, outcome)) return;
    EQUAL(type_at(place), AT_64(stat + 16));
    EQUAL(nodes[place.node].names, AT_64(stat + 24));
    EQUAL(nodes[place.node].size, AT_64(stat + 32));
    if (type_at(place) != LINK_TYPE) return;
    CHECK(SUCCESS, path_readlink, ROOT, place.path, place.length, buffer, 64, result);
    EQUAL(8, AT_32(result));
    EQUAL(0, memcmp(wasi_at(buffer), "a/target", 8));
}

/* Lists a directory in small pieces: each name of the model once. */
static void list(void) {
    struct place place = any_place();
    u32 outcome = WASI_IMPORT(path_open)(ROOT, 0, place.path, place.length - 2, DIRECTORY,
                                         WASI_RIGHT_FD_READDIR, 0, 0, result);
    if (!agreed("open directory", WASI_SUCCESS, outcome)) return;
    u32 fd = AT_32(result), seen = 0, entries = 0;
    u64 cookie = 0;
    for (;;) {
        u32 size = 26 + below(60);
        CHECK(SUCCESS, fd_readdir, fd, buffer, size, cookie, result);
        u32 used = AT_32(result), at = 0;
        while (used - at >= 24 && used - at - 24 >= AT_32(buffer + at + 16)) {
            u32 length = AT_32(buffer + at + 16);
            cookie = AT_64(buffer + at);
            int name = *wasi_at(buffer + at + 24) - 'a';
            at += 24 + length;
            entries++;
            if (name < 0 || length != 1) continue;
            seen |= 1u << name;
            EQUAL(nodes[nodes[place.directory].children[name]].type, AT_32(buffer + at - 5));
        }
        if (used < size) break;
    }
    CHECK(SUCCESS, fd_close, fd);
    u32 expected = 0, count = 2;
    for (int i = 0; i < NAMES; i++) {
        if (nodes[place.directory].children[i] == NONE) continue;
        expected |= 1u << i;
        count++;
    }
    EQUAL(expected, seen);
    EQUAL(count, entries);
}

static void empty(int directory, const char *path) {
    for (int i = 0; i < NAMES; i++) {
        int node = nodes[directory].children[i];
        if (node == NONE) continue;
        char name[3 * NODES + 8];
        u32 length = (u32)sprintf(name, "%s/%c", path, 'a' + i);
        bool is_directory = nodes[node].type == DIRECTORY_TYPE;
        if (is_directory) empty(node, name);
        if (is_directory) CHECK(SUCCESS, path_remove_directory, ROOT, put(name, length), length);
        else CHECK(SUCCESS, path_unlink_file, ROOT, put(name, length), length);
        take(directory, i);
    }
}

static void round_from(u64 from) {
    seed = from;
    for (u32 i = 0; i < FDS; i++) fds[i].node = NONE;
    for (u32 i = 0; i < 20000; i++) {
        struct open *open = &fds[below(FDS)];
        switch (below(13)) {
        case 0: open_and_keep(open); break;
        case 1: case 2: write_bytes(open); break;
        case 3: case 4: read_bytes(open); break;
        case 5: seek_or_resize(open); break;
        case 6: make_directory(); break;
        case 7: make_link(); break;
        case 8: remove_name(); break;
        case 9: link_name(); break;
        case 10: rename_name(); break;
        case 11: look(); break;
        case 12: list(); break;
        }
    }
    for (u32 i = 0; i < FDS; i++)
        if (fds[i].node != NONE) open_and_keep(&fds[i]);
    empty(0, "m");
}

int main(void) {
    heap_bytes = HEAP_BYTES;
    start();
    result = room(8);
    buffer = MEMORY_BYTES - 4096;
    nodes[0] = (struct node){.type = DIRECTORY_TYPE, .names = 1, .parent = 0};
    for (int i = 0; i < NAMES; i++) nodes[0].children[i] = NONE;
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("m"));
    for (u64 i = 1; i <= 3; i++) round_from(i);
    /* What was removed left nothing behind. */
    u64 taken = heap_taken;
    for (u64 i = 1; i <= 3; i++) round_from(i);
    EQUAL(taken, heap_taken);
    EQUAL(HEAP_BYTES < 1 << 20, out_of_memory > 100);
    return finish();
}
