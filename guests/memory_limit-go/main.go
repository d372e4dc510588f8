// Allocates 1 GiB in all, of which little lives at a time: a linear memory far
// smaller is enough as long as the collector keeps Go's heap within a limit.
package main

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"runtime/debug"

	"wasrisc/guest"
)

const (
	total = 1 << 30
	// What lives at a time: blocks of many sizes, each reached by a pointer.
	kept = 8 << 20
)

// A block is linked to the one before it, so that the collector has to follow.
type block struct {
	previous *block
	bytes    []byte
}

func main() {
	guest.Main(func(payload []byte) ([]byte, error) {
		megabytes, err := guest.Uint32(payload)
		if err != nil {
			return nil, err
		}
		limit := int64(megabytes) << 20
		if limit == 0 {
			limit = math.MaxInt64
		}
		debug.SetMemoryLimit(limit)
		count, sum := allocate()
		return fmt.Appendf(nil, "memory_limit: %d blocks of %d bytes in all: %016x\n", count, total, sum), nil
	})
}

// allocate returns how many blocks it made and a hash of what they held when
// they were let go of.
func allocate() (count int, sum uint64) {
	hash := fnv.New64a()
	var chain *block
	random, living := uint32(1), 0
	for made := 0; made < total; count++ {
		random = random*1664525 + 1013904223
		size := min(64+int(random>>14)%16320, total-made)
		bytes := make([]byte, size)
		binary.LittleEndian.PutUint32(bytes, random)
		bytes[size-1] = byte(size)
		chain = &block{chain, bytes}
		made += size
		living += size
		if living > kept {
			release(chain, hash.Write)
			chain, living = nil, 0
		}
	}
	release(chain, hash.Write)
	return count, hash.Sum64()
}

// release hashes the ends of each block of a chain.
func release(chain *block, write func([]byte) (int, error)) {
	for ; chain != nil; chain = chain.previous {
		write(chain.bytes[:4])
		write(chain.bytes[len(chain.bytes)-1:])
	}
}
