/* The machine of platform/linux on another processor: system.h knows both. */
#include "../linux/machine.c"
