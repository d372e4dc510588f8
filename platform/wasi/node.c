/* Nodes and entries. All entries are in one hash table, by directory and name. */
#include "heap.h"
#include "image.h"
#include "node.h"

enum { FIRST_BUCKETS = 64 };

static struct wasi_entry *first_buckets[FIRST_BUCKETS];
static struct wasi_entry **buckets = first_buckets;
static u32 bucket_count = FIRST_BUCKETS;
static u32 entry_count;

static u64 last_inode;

struct wasi_node *wasi_node_make(u8 filetype) {
    struct wasi_node *node = wasi_allocate(sizeof *node);
    if (!node) return NULL;
    u64 now = wasi_realtime();
    *node = (struct wasi_node){
        .filetype = filetype,
        .inode = ++last_inode,
        .atim = now,
        .mtim = now,
        .ctim = now,
        .cookie = WASI_FIRST_COOKIE,
    };
    node->parent = node;
    return node;
}

void wasi_node_release(struct wasi_node *node) {
    if (node->names > 0 || node->opened > 0) return;
    if (node->capacity > 0) wasi_free(node->bytes);
    wasi_free(node);
}

void wasi_node_changed(struct wasi_node *node) {
    node->ctim = wasi_realtime();
}

void wasi_node_modified(struct wasi_node *node) {
    node->mtim = node->ctim = wasi_realtime();
}

/* FNV-1a (Fowler, Noll, Vo), begun with the directory. */
static u32 hash_of(const struct wasi_node *directory, const u8 *name, u32 length) {
    u32 hash = 2166136261u ^ (u32)directory->inode;
    for (u32 i = 0; i < length; i++) hash = (hash ^ name[i]) * 16777619u;
    return hash ^ hash >> 16;
}

/* Doubles the table; without memory for that chains become longer. */
static void grow(void) {
    u32 count = bucket_count * 2;
    struct wasi_entry **grown = wasi_allocate(count * sizeof *grown);
    if (!grown) return;
    __builtin_memset(grown, 0, count * sizeof *grown);
    for (u32 i = 0; i < bucket_count; i++) {
        for (struct wasi_entry *entry = buckets[i], *next; entry; entry = next) {
            struct wasi_entry **bucket = &grown[entry->hash & (count - 1)];
            next = entry->chain;
            entry->chain = *bucket;
            *bucket = entry;
        }
    }
    if (buckets != first_buckets) wasi_free(buckets);
    buckets = grown;
    bucket_count = count;
}

u32 wasi_directory_load(struct wasi_node *directory) {
    return directory->unloaded ? wasi_image_load(directory) : WASI_SUCCESS;
}

u32 wasi_entry_find(struct wasi_node *directory, const u8 *name, u32 length,
                    struct wasi_entry **found) {
    WASI_TRY(wasi_directory_load(directory));
    u32 hash = hash_of(directory, name, length);
    struct wasi_entry *entry = buckets[hash & (bucket_count - 1)];
    while (entry && (entry->hash != hash || entry->directory != directory ||
                     entry->length != length || __builtin_memcmp(entry->name, name, length) != 0))
        entry = entry->chain;
    *found = entry;
    return WASI_SUCCESS;
}

u32 wasi_entry_add(struct wasi_node *directory, const u8 *name, u32 length,
                   struct wasi_node *node) {
    if (directory->names == 0) return WASI_NOENT;
    struct wasi_entry *entry = wasi_allocate(sizeof *entry + length);
    if (!entry) return WASI_NOSPC;
    if (entry_count >= bucket_count) grow();
    u32 hash = hash_of(directory, name, length);
    struct wasi_entry **bucket = &buckets[hash & (bucket_count - 1)];
    *entry = (struct wasi_entry){directory, node, NULL, directory->last, *bucket,
                                 directory->cookie++, hash, length};
    __builtin_memcpy(entry->name, name, length);
    *bucket = entry;
    entry_count++;
    if (directory->last) directory->last->next = entry;
    else directory->first = entry;
    directory->last = entry;
    node->names++;
    if (wasi_is_directory(node)) node->parent = directory;
    wasi_node_changed(node);
    wasi_node_modified(directory);
    return WASI_SUCCESS;
}

void wasi_entry_remove(struct wasi_entry *entry) {
    struct wasi_node *directory = entry->directory, *node = entry->node;
    struct wasi_entry **link = &buckets[entry->hash & (bucket_count - 1)];
    while (*link != entry) link = &(*link)->chain;
    *link = entry->chain;
    entry_count--;
    if (entry->previous) entry->previous->next = entry->next;
    else directory->first = entry->next;
    if (entry->next) entry->next->previous = entry->previous;
    else directory->last = entry->previous;
    wasi_free(entry);
    wasi_node_modified(directory);
    wasi_node_changed(node);
    node->names--;
    if (node->names == 0) node->parent = node;
    wasi_node_release(node);
}
