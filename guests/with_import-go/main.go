// Calls imports of every type with numbers that follow from the input, and
// compares each result with the language's own.
package main

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/bits"
	"unsafe"

	"golang.org/x/crypto/sha3"
	"wasrisc/guest"
	"wasrisc/imports"
)

func main() {
	guest.Main(func(payload []byte) ([]byte, error) {
		n, err := guest.Uint32(payload)
		if err != nil {
			return nil, err
		}
		var output []byte
		for _, part := range []func(uint32) (string, error){scalars, pointers, hashes} {
			text, err := part(n)
			if err != nil {
				return nil, err
			}
			output = append(output, text...)
		}
		return output, nil
	})
}

// A comparison collects the first result that is not the language's own.
type comparison struct{ err error }

func same[T comparable](c *comparison, what string, got, want T) T {
	if got != want && c.err == nil {
		c.err = fmt.Errorf("%s: the import gave %v, not %v", what, got, want)
	}
	return got
}

func scalars(n uint32) (string, error) {
	word := n ^ 0x89abcdef
	low, step := int32(math.MinInt32), int32(n)
	a, b := 0xfedcba9876543210-uint64(n), uint64(0x0123456789abcdef)
	product, _ := bits.Mul64(a, b)
	negative := -(int64(n) << 33) - 1
	single, double := float32(n)*1.5, float64(n)+0.25
	var c comparison
	text := fmt.Sprintf("rotate %08x subtract %d multiply_high %016x absolute %d half %08x mean %016x\n",
		same(&c, "rotate", imports.ExampleRotate(word, 37), bits.RotateLeft32(word, 37)),
		same(&c, "subtract", imports.ExampleSubtract(low, step), low-step),
		same(&c, "multiply_high", imports.ExampleMultiplyHigh(a, b), product),
		same(&c, "absolute", imports.ExampleAbsolute(negative), -negative),
		math.Float32bits(same(&c, "half", imports.ExampleHalf(single), single/2)),
		math.Float64bits(same(&c, "mean", imports.ExampleMean(double, -1e300), (double-1e300)/2)))
	return text, c.err
}

// message is the same bytes in every language.
func message(n uint32) []byte {
	bytes := make([]byte, n)
	for i := range n {
		bytes[i] = byte(i*i>>3) ^ byte(i)
	}
	return bytes
}

func pointers(n uint32) (string, error) {
	const begin = 0xcbf29ce484222325
	bytes := message(n)
	want := uint64(begin)
	for _, b := range bytes {
		want = (want ^ uint64(b)) * 0x100000001b3
	}
	var c comparison
	sum := imports.ExampleChecksum(unsafe.SliceData(bytes), uintptr(len(bytes)), begin)
	same(&c, "checksum", sum, want)

	numbers := [4]uint32{n, 1, 2, math.MaxUint32}
	added := numbers
	for i := range added {
		added[i] += 0xfffffff0
	}
	imports.ExampleAddToEach(&numbers[0], uintptr(len(numbers)), 0xfffffff0)
	same(&c, "add_to_each", numbers, added)
	return fmt.Sprintf("checksum %016x add_to_each [%d, %d, %d, %d]\n",
		sum, numbers[0], numbers[1], numbers[2], numbers[3]), c.err
}

// hashes compares those of each prefix of the message, at an alignment of its own.
func hashes(n uint32) (string, error) {
	bytes := message(n + 7)
	var c comparison
	var keccak256, sha imports.ZkvmBytes32
	for length := range int(n) + 1 {
		start := length % 8
		part := bytes[start:min(start+length, len(bytes))]
		data, size := unsafe.SliceData(part), uintptr(len(part))
		own := sha3.NewLegacyKeccak256()
		own.Write(part)
		status := imports.ZkvmKeccak256(data, size, &keccak256)
		same(&c, "the status of keccak256", status, imports.ZKVM_EOK)
		same(&c, "keccak256", keccak256.Data, [32]byte(own.Sum(nil)))
		status = imports.ZkvmSha256(data, size, &sha)
		same(&c, "the status of sha256", status, imports.ZKVM_EOK)
		same(&c, "sha256", sha.Data, sha256.Sum256(part))
	}
	return fmt.Sprintf("keccak256 %x\nsha256 %x\n", keccak256.Data, sha.Data), c.err
}
