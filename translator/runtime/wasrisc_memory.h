/* Linear memory: scalar accesses, the bounds check, bulk operators.
 * Which of these a module uses is decided by its options; the algebra of the
 * addresses is in the translator, src/function/memory.rs. */
#ifndef WASRISC_MEMORY_H
#define WASRISC_MEMORY_H

/* Types of accesses that promise neither alignment nor an effective type. */
typedef u16 __attribute__((aligned(1), may_alias)) wasrisc_u16;
typedef s16 __attribute__((aligned(1), may_alias)) wasrisc_s16;
typedef u32 __attribute__((aligned(1), may_alias)) wasrisc_u32;
typedef s32 __attribute__((aligned(1), may_alias)) wasrisc_s32;
typedef u64 __attribute__((aligned(1), may_alias)) wasrisc_u64;
typedef f32 __attribute__((aligned(1), may_alias)) wasrisc_f32;
typedef f64 __attribute__((aligned(1), may_alias)) wasrisc_f64;
typedef u8 wasrisc_u8;
typedef s8 wasrisc_s8;

#ifndef WASRISC_UNALIGNED_CHECKED

#define LOAD(type, address) (*(const wasrisc_##type *)(address))
#define STORE(type, address, value) (*(wasrisc_##type *)(address) = (value))

#else

/* The machine has no unaligned accesses (or slow ones) and the module's
 * alignment hints cannot be believed: look at the address, go byte-wise. */
typedef u16 __attribute__((may_alias)) wasrisc_aligned_u16;
typedef u32 __attribute__((may_alias)) wasrisc_aligned_u32;
typedef u64 __attribute__((may_alias)) wasrisc_aligned_u64;

WASRISC_INLINE u8 wasrisc_load_u8(const void *p) { return *(const u8 *)p; }
WASRISC_INLINE void wasrisc_store_u8(void *p, u8 v) { *(u8 *)p = v; }
/* Out of line: this is the rare path, and inlined it would be most of the code. */
u64 wasrisc_load_bytes(const u8 *p, int count);
void wasrisc_store_bytes(u8 *p, u64 value, int count);
#define WASRISC_CHECKED(bits)                                                              \
    WASRISC_INLINE u##bits wasrisc_load_u##bits(const void *p) {                           \
        if (WASRISC_LIKELY(((uintptr_t)p & (bits / 8 - 1)) == 0))                          \
            return *(const wasrisc_aligned_u##bits *)p;                                    \
        return (u##bits)wasrisc_load_bytes((const u8 *)p, bits / 8);                       \
    }                                                                                      \
    WASRISC_INLINE void wasrisc_store_u##bits(void *p, u##bits v) {                        \
        if (WASRISC_LIKELY(((uintptr_t)p & (bits / 8 - 1)) == 0))                          \
            *(wasrisc_aligned_u##bits *)p = v;                                             \
        else                                                                               \
            wasrisc_store_bytes((u8 *)p, v, bits / 8);                                     \
    }
WASRISC_CHECKED(16)
WASRISC_CHECKED(32)
WASRISC_CHECKED(64)
WASRISC_INLINE s8 wasrisc_load_s8(const void *p) { return *(const s8 *)p; }
WASRISC_INLINE s16 wasrisc_load_s16(const void *p) { return (s16)wasrisc_load_u16(p); }
WASRISC_INLINE s32 wasrisc_load_s32(const void *p) { return (s32)wasrisc_load_u32(p); }
WASRISC_INLINE f32 wasrisc_load_f32(const void *p) { return f32_bits(wasrisc_load_u32(p)); }
WASRISC_INLINE f64 wasrisc_load_f64(const void *p) { return f64_bits(wasrisc_load_u64(p)); }
WASRISC_INLINE void wasrisc_store_f32(void *p, f32 v) { wasrisc_store_u32(p, bits_f32(v)); }
WASRISC_INLINE void wasrisc_store_f64(void *p, f64 v) { wasrisc_store_u64(p, bits_f64(v)); }

#define LOAD(type, address) wasrisc_load_##type((const void *)(address))
#define STORE(type, address, value) wasrisc_store_##type((void *)(address), (value))

#endif

#ifdef WASRISC_BASE_REGISTER
/* The machine address of `place` where a register holds the base. By assembly,
 * since compilers take a register variable for something that stores change: the
 * same sum they make once. */
WASRISC_INLINE u64 wasrisc_based(u64 place) {
    u64 address;
    __asm__("add %0, " WASRISC_BASE_REGISTER ", %1" : "=r"(address) : "r"(place));
    return address;
}

/* The reverse. */
WASRISC_INLINE u64 wasrisc_place(const void *address) {
    u64 place;
    __asm__("sub %0, %1, " WASRISC_BASE_REGISTER : "=r"(place) : "r"(address));
    return place;
}
#endif

#ifdef WASRISC_SIZE_REGISTER
/* Memory 0's bytes now. */
register u64 wasrisc_memory_bytes __asm__(WASRISC_SIZE_REGISTER);
#endif

/* A load that may fault, as an integer `to`, which no compiler leaves out although
 * nothing uses it. GCC widens nothing volatile in the load itself, and clang takes
 * volatile assembly for something that writes to memory. */
#if defined(__clang__) && !defined(WASRISC_UNALIGNED_CHECKED)
#define LOAD_KEPT(to, type, address) ((to)*(const volatile wasrisc_##type *)(address))
#else
#define LOAD_KEPT(to, type, address)                             \
    ({                                                           \
        const to kept = (to)LOAD(type, address);                 \
        __asm__ volatile("" : : "r"(kept));                      \
        kept;                                                    \
    })
#endif

/* The explicit check: gives `index` back if it is not above `limit`. */
WASRISC_INLINE u64 wasrisc_bounded(u64 index, u64 limit) {
    if (WASRISC_UNLIKELY(index > limit)) wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
    return index;
}
/* The same for the first byte alone: what is behind `bytes` faults. */
WASRISC_INLINE u64 wasrisc_inside(u64 index, u64 bytes) {
    if (WASRISC_UNLIKELY(index >= bytes)) wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
    return index;
}
/* The same where `reach` (offset and size of the access) may be more than the
 * memory has. */
WASRISC_INLINE u64 wasrisc_reached(u64 index, u64 reach, u64 bytes) {
    if (WASRISC_UNLIKELY(index + reach > bytes)) wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
    return index;
}

/* wasrisc_memory.c. Bulk operators check their bounds under every policy. */
u32 wasrisc_memory_grow(wasrisc_memory *memory, u32 pages);
void wasrisc_memory_copy(wasrisc_memory *to, wasrisc_memory *from, u32 d, u32 s, u32 n);
void wasrisc_memory_fill(wasrisc_memory *memory, u32 d, u32 value, u32 n);
void wasrisc_memory_init(wasrisc_memory *memory, const u8 *segment, u64 segment_length, u32 d, u32 s,
                         u32 n);
/* Copies the spans of the image into fresh memory. */
void wasrisc_place_image(wasrisc_memory *memory, const u8 *image, const wasrisc_span *spans, u64 count);
/* Traps unless an imported memory is as large as declared. */
void wasrisc_match_memory(const wasrisc_memory *memory, u64 min_pages, u64 max_pages);

#endif
