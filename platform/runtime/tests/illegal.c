/* An instruction that no machine has (xtask/tests/machines.rs). */
void winstantiate(void) {}

void wexport__start(void) {
    __builtin_trap();
}
