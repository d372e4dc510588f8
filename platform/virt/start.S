/* virt starts as every bare machine does, and keeps the base of linear memory in
 * `tp`, which compilers leave alone. */
#define LINEAR_BASE 0x100000000
#include "../bare/start.S"
