//go:build !wasm

package imports

import (
	"crypto/sha256"
	"math/bits"
	"unsafe"

	"golang.org/x/crypto/sha3"
)

// The functions of the stubs for a direct build, which links no C: it has no
// cgo, as a zkVM has no C library. So they are Go's own here, and a comparison of
// counts is one of C behind an import with Go, not of one code with itself.

func ExampleRotate(value uint32, by uint32) uint32 { return bits.RotateLeft32(value, int(by&31)) }

func ExampleSubtract(a int32, b int32) int32 { return a - b }

func ExampleMultiplyHigh(a uint64, b uint64) uint64 {
	high, _ := bits.Mul64(a, b)
	return high
}

func ExampleAbsolute(value int64) int64 { return max(value, -value) }

func ExampleHalf(value float32) float32 { return value * 0.5 }

func ExampleMean(a float64, b float64) float64 { return (a + b) * 0.5 }

func ExampleChecksum(bytes *byte, length uintptr, state uint64) uint64 {
	for _, b := range unsafe.Slice(bytes, length) {
		state = (state ^ uint64(b)) * 0x100000001b3
	}
	return state
}

func ExampleAddToEach(numbers *uint32, length uintptr, number uint32) {
	all := unsafe.Slice(numbers, length)
	for i := range all {
		all[i] += number
	}
}

func ZkvmKeccak256(data *byte, len uintptr, output *ZkvmKeccak256Hash) ZkvmStatus {
	hash := sha3.NewLegacyKeccak256()
	hash.Write(unsafe.Slice(data, len))
	hash.Sum(output.Data[:0])
	return ZKVM_EOK
}

func ZkvmSha256(data *byte, len uintptr, output *ZkvmSha256Hash) ZkvmStatus {
	output.Data = sha256.Sum256(unsafe.Slice(data, len))
	return ZKVM_EOK
}
