// Comparisons, searches, copies and clearings of each length at places that no word
// begins at: two blocks are alike but for a byte at most, and what is around them is
// not alike.
package main

import (
	"bytes"
	"crypto/subtle"
	"strings"
	"unsafe"
)

// Bytes of the longest block, and of what is around it on each side.
const (
	longest = 70
	around  = 24
)

// edges takes places and bits from a number that goes on.
type edges struct {
	*state
	random   uint64
	one, two [longest + 2*around]byte
}

func (e *edges) next(below uint64) uint64 {
	e.random += 0x9e3779b97f4a7c15
	z := (e.random ^ e.random>>30) * 0xbf58476d1ce4e5b9
	return (z ^ z>>27) >> 32 % below
}

// pair gives two blocks that differ at one place, or nowhere if it is below 0; and
// the byte there.
func (e *edges) pair(length, place int) ([]byte, []byte, byte) {
	for i := range e.one {
		e.one[i], e.two[i] = 0x55, 0xaa
	}
	at, other := int(e.next(around)), int(e.next(around))
	a, b := e.one[at:at+length], e.two[other:other+length]
	for i := range a {
		a[i] = byte(e.next(2)*251 + uint64(i)&3)
	}
	copy(b, a)
	needle := byte(0x80)
	if place >= 0 {
		b[place] ^= 1 << e.next(8)
		needle = b[place]
	}
	// It would be found behind the end.
	e.two[other+length] = needle
	return a, b, needle
}

//go:noinline
func tryEdges(s *state, random uint64) {
	e := &edges{state: s, random: random}
	for length := range longest + 1 {
		for place := -1; place < length; place++ {
			e.compare(length, place)
		}
		e.move(length)
	}
	e.xor()
	e.arrays()
	grown(s, func(i int) byte { return byte(i) })
	grown(s, func(i int) int64 { return int64(i) << 40 })
	grown(s, func(i int) [3]uint16 { return [3]uint16{uint16(i), 1, uint16(i * i)} })
	grown(s, func(i int) string { return "text"[i%4:] })
}

func (e *edges) compare(length, place int) {
	a, b, needle := e.pair(length, place)
	e.bool(bytes.Equal(a, b))
	e.bool(string(a) == string(b))
	e.mix(uint64(bytes.Compare(a, b)))
	e.mix(uint64(bytes.Compare(b, a)))
	e.bool(string(a) < string(b))
	e.mix(uint64(bytes.Compare(a[:length-length/3], b)))
	e.mix(uint64(bytes.IndexByte(b, needle)))
	e.mix(uint64(bytes.IndexByte(a, needle)))
	e.mix(uint64(bytes.LastIndexByte(b, needle)))
	e.mix(uint64(bytes.Count(b, []byte{needle})))
	if place%8 == int(e.random&7) {
		x, y := string(a), string(b)
		e.bool(x == y)
		e.mix(uint64(strings.Compare(x, y)))
		e.mix(uint64(strings.IndexByte(y, needle)))
		e.bool(strings.HasSuffix(x+y, y[length/2:]))
		e.bool(map[string]int{x: 1}[y] == 1)
	}
}

// all digests both places as a whole.
func (e *edges) all() {
	for i := 0; i < len(e.one); i++ {
		e.h = (e.h ^ uint64(e.one[i]) ^ uint64(e.two[i])<<8) * 0x100000001b3
	}
	e.mix(0)
}

// move copies within a block, both ways, and clears.
func (e *edges) move(length int) {
	for by := range around {
		a, _, _ := e.pair(length, -1)
		for i := range e.two {
			e.two[i] = byte(i * 3)
		}
		at := int(e.next(around))
		copy(e.two[at+by:], e.two[at:at+length])
		e.all()
		copy(e.two[at:at+length], e.two[at+by:])
		copy(e.one[by:by+length], a)
		e.all()
		clear(e.two[at : at+length])
		clear(a[length/2:])
		e.all()
	}
}

// xor joins blocks apart and in place. Go goes by words where all begin at words.
func (e *edges) xor() {
	const words = 24
	memory := make([]uint64, 3*words)
	all := unsafe.Slice((*byte)(unsafe.Pointer(&memory[0])), 3*8*words)
	for length := range 8*words - 24 {
		for _, at := range [][3]int{{}, {16, 0, 8}, {1, 1, 1}, {0, 0, 5}, {0, 3, 0}, {6, 0, 0}} {
			var blocks [3][]byte
			for i := range blocks {
				from := 8*words*i + at[i]
				blocks[i] = all[from : from+length]
			}
			for i := range all {
				all[i] = byte(e.next(256))
			}
			to, x, y := blocks[0], blocks[1], blocks[2]
			e.mix(uint64(subtle.XORBytes(to, x, y)))
			e.mix(uint64(subtle.XORBytes(x, x, y)))
			e.mix(uint64(subtle.XORBytes(y, to, y)))
			for _, word := range memory {
				e.mix(word)
			}
		}
	}
}

func (e *edges) arrays() {
	alike[[1]byte](e)
	alike[[2]byte](e)
	alike[[3]byte](e)
	alike[[4]byte](e)
	alike[[5]byte](e)
	alike[[6]byte](e)
	alike[[7]byte](e)
	alike[[8]byte](e)
	alike[[9]byte](e)
	alike[[12]byte](e)
	alike[[15]byte](e)
	alike[[16]byte](e)
	alike[[17]byte](e)
	alike[[24]byte](e)
	alike[[31]byte](e)
	alike[[33]byte](e)
	alike[[40]byte](e)
	alike[[57]byte](e)
	alike[[64]byte](e)
	alike[[67]byte](e)
	alike[struct {
		a [5]byte
		b [2]byte
		c byte
		d [19]byte
	}](e)
}

// alike compares and copies values of a type that may lie at any address.
func alike[T comparable](e *edges) {
	var value T
	size := int(unsafe.Sizeof(value))
	for place := -1; place < size; place++ {
		a, b, _ := e.pair(size, place)
		x, y := (*T)(unsafe.Pointer(&a[0])), (*T)(unsafe.Pointer(&b[0]))
		e.bool(*x == *y)
		e.bool(any(*x) == any(*y))
		e.bool(map[T]bool{*x: true}[*y])
		*pick(place&1 == 0, x, &value) = *y
		e.bool(value == *x)
		e.all()
	}
}

// grown appends one after the other; what it grew from stays as it was.
func grown[T comparable](s *state, each func(int) T) {
	var list []T
	for i := range 3 * longest {
		before := list
		list = append(list, each(i))
		if cap(list) != cap(before) {
			s.mix(uint64(cap(list)))
			for j := range before {
				s.bool(before[j] == list[j])
			}
		}
		if i%9 == 0 {
			list = append(list, list[i/2:]...)[:i+1]
		}
		s.bool(list[i] == list[i/2])
	}
}
