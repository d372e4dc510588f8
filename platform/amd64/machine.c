/* The machine of platform/linux on another processor: system.h knows both.
 * No linear memory has addresses from 0 on. */
#define ELF_LIES_LOW 1
#include "../linux/machine.c"
