// A guest that counts in a loop: arithmetic and branches, no memory.
package main

import (
	"fmt"

	"wasrisc/guest"
)

func main() {
	guest.Main(func(payload []byte) ([]byte, error) {
		n, err := guest.Uint32(payload)
		if err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, "fib(%d) = %d\n", n, fibonacci(n)), nil
	})
}

// fibonacci returns the n-th Fibonacci number modulo 2^64.
func fibonacci(n uint32) uint64 {
	var current, next uint64 = 0, 1
	for range n {
		current, next = next, current+next
	}
	return current
}
