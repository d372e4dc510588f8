#include "wasrisc.h"

u64 wasrisc_tail_slots[1000];
wasrisc_code wasrisc_tail_next;
