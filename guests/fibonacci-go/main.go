// A guest that counts in a loop: arithmetic and branches, no memory.
package main

import (
	"encoding/binary"
	"fmt"

	"wasrisc/guest"
)

func main() {
	guest.Main(func(payload []byte) ([]byte, error) {
		if len(payload) != 4 {
			return nil, fmt.Errorf("payload of %d bytes, expected N as a little-endian u32", len(payload))
		}
		n := binary.LittleEndian.Uint32(payload)
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
