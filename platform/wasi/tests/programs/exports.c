/* Calls the exported functions of a library of Go. */
#include "w.h"
#include "wasrisc_platform.h"

static void check(int number, int right) {
    if (!right) wasrisc_exit(number);
}

void wexport__start(void) {
    wexport__initialize();
    for (int round = 0; round < 3; round++) {
        check(1, wexport_mixed(-2, 1ull << 40, 0.5f, 0.25, 1) == (double)(1ull << 40) - 1.25);
        check(2, wexport_mixed(1, 2, 3, 4, 0) == -1);
        check(3, wexport_likeGos(0) == 1);
        check(4, wexport_likeGos(1u << 30) == 0x80000001u);
        check(5, wexport_zero(1) == 0);
        wexport_count();
        u64 before = wexport_ask(0);
        check(6, wexport_ask(5) == before + 5);
        /* It panics with a sum of 22 and what was asked for, which it asks back. */
        check(7, wexport_deep(6) == (u64)-22);
        check(8, wexport_deep(1001) == 501501 + 1 - 22 + 1);
    }
    check(9, wexport_known() == 3 * 10);
    wasrisc_exit(42);
}
