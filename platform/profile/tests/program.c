/* What a profile is to say: counts of blocks, of both sides of a line, and of an
 * inlined call. Line numbers of the test count from each function's. */
int rare(int n);

static inline __attribute__((always_inline)) int twice(int n)
{
    return n * 2 +
        rare(n);
}

int
__attribute__((noinline))
work(int n)
{
    return n > 10 ? rare(n) : rare(n + 1);
}

int __attribute__((noinline)) rare(int n)
{
    __asm__ volatile("" : "+r"(n));
    return n;
}

int _start(int n)
{
    int sum = work(n);
    return sum + twice(sum);
}
