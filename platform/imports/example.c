/* The module `example` of imports.toml: one function for each type that an
 * import can have. */
#include "wasrisc_imports.h"

uint32_t example_rotate(uint32_t value, uint32_t by)
{
    by &= 31;
    return by == 0 ? value : value << by | value >> (32 - by);
}

int32_t example_subtract(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

uint64_t example_multiply_high(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

int64_t example_absolute(int64_t value)
{
    return value < 0 ? (int64_t)(0 - (uint64_t)value) : value;
}

float example_half(float value)
{
    return value * 0.5f;
}

double example_mean(double a, double b)
{
    return (a + b) * 0.5;
}

uint64_t example_checksum(const uint8_t *bytes, size_t length, uint64_t state)
{
    for (size_t i = 0; i < length; i++)
        state = (state ^ bytes[i]) * UINT64_C(0x100000001b3);
    return state;
}

void example_add_to_each(uint32_t *numbers, size_t length, uint32_t number)
{
    for (size_t i = 0; i < length; i++) {
        uint32_t sum;
        __builtin_memcpy(&sum, (const uint8_t *)numbers + 4 * i, 4);
        sum += number;
        __builtin_memcpy((uint8_t *)numbers + 4 * i, &sum, 4);
    }
}
