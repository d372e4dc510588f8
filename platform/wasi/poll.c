/* poll_oneoff: streams are always ready, and time passes by being asked for:
 * with nothing ready the clocks jump to the earliest deadline. */
#include "descriptor.h"

enum { SUBSCRIPTION_BYTES = 48, EVENT_BYTES = 32 };

enum { EVENT_CLOCK = 0, EVENT_FD_READ = 1, EVENT_FD_WRITE = 2 };

/* subclockflags */
enum { ABSOLUTE = 1 };

struct subscription {
    u64 user_data;
    u8 kind;
    u32 outcome;
    u64 away;  /* nanoseconds until it happens, from the start of the call */
    u64 bytes; /* to be read; of room at least one */
};

static void look_at_clock(struct subscription *subscription, const u8 *place) {
    u64 now, timeout = LOAD(u64, place + 24);
    subscription->outcome = wasi_clock_now(LOAD(u32, place + 16), &now);
    if (subscription->outcome) return;
    if (LOAD(u16, place + 40) & ABSOLUTE)
        subscription->away = timeout > now ? timeout - now : 0;
    else
        subscription->away = timeout;
}

static void look_at_descriptor(struct subscription *subscription, u32 fd) {
    struct wasi_descriptor *descriptor;
    bool reads = subscription->kind == EVENT_FD_READ;
    subscription->outcome =
        wasi_with_right(fd, reads ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE, &descriptor);
    if (subscription->outcome) return;
    if (!(descriptor->rights & WASI_RIGHT_POLL_FD_READWRITE))
        subscription->outcome = WASI_NOTCAPABLE;
    else subscription->bytes = reads ? wasi_readable(descriptor) : 1;
}

static u32 look_at(u32 in, u32 index, struct subscription *subscription) {
    const u8 *place = wasi_at(in) + (u64)index * SUBSCRIPTION_BYTES;
    *subscription = (struct subscription){LOAD(u64, place), place[8], .bytes = 0};
    switch (subscription->kind) {
    case EVENT_CLOCK:
        look_at_clock(subscription, place);
        return WASI_SUCCESS;
    case EVENT_FD_READ:
    case EVENT_FD_WRITE:
        look_at_descriptor(subscription, LOAD(u32, place + 16));
        return WASI_SUCCESS;
    default:
        return WASI_INVAL;
    }
}

static void store_event(u32 out, u32 index, const struct subscription *subscription) {
    struct {
        u64 user_data;
        u16 outcome;
        u8 kind, unused[5];
        u64 bytes;
        u64 flags;
    } event = {subscription->user_data, (u16)subscription->outcome, subscription->kind, {0},
               subscription->bytes, 0};
    _Static_assert(sizeof event == EVENT_BYTES, "as the specification lays it out");
    __builtin_memcpy(wasi_at(out) + (u64)index * EVENT_BYTES, &event, sizeof event);
}

u32 WASI(poll_oneoff)(u32 in, u32 out, u32 nsubscriptions, u32 nevents) {
    struct subscription subscription;
    u64 nearest = UINT64_MAX;
    u32 happened = 0;
    if (nsubscriptions == 0) return WASI_INVAL;
    if (!wasi_inside(in, nsubscriptions, SUBSCRIPTION_BYTES) ||
        !wasi_inside(out, nsubscriptions, EVENT_BYTES) || !wasi_inside(nevents, 1, 4))
        return WASI_FAULT;
    for (u32 i = 0; i < nsubscriptions; i++) {
        WASI_TRY(look_at(in, i, &subscription));
        if (subscription.away < nearest) nearest = subscription.away;
    }
    /* Deadlines are compared with the clocks as they were, so they jump last. */
    for (u32 i = 0; i < nsubscriptions; i++) {
        WASI_TRY(look_at(in, i, &subscription));
        if (subscription.away <= nearest) store_event(out, happened++, &subscription);
    }
    wasi_clock_advance(nearest);
    STORE(u32, wasi_at(nevents), happened);
    return WASI_SUCCESS;
}
