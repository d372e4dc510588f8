// What the generated functions share. Whatever they do is a function of the state
// that they are given; goroutines have states of their own.
package main

import (
	"bytes"
	"math"
	"runtime"
)

type state struct {
	// Calls that are left.
	fuel int64
	// A number that changes with the digest.
	n int64
	h uint64
	// Collections that are left.
	collections int
}

func (s *state) mix(v uint64) {
	s.h = (s.h ^ v) * 0x9e3779b97f4a7c15
	s.h ^= s.h >> 29
	s.n = int64(s.h) >> (s.h & 63)
}

// spend says whether a call may do nothing more.
func (s *state) spend() bool {
	s.fuel--
	return s.fuel < 0
}

// child is the state of a goroutine.
func (s *state) child() *state {
	s.mix(1)
	s.fuel /= 2
	return &state{fuel: s.fuel / 2, n: s.n, h: s.h}
}

func (s *state) collect() {
	if s.collections > 0 {
		s.collections--
		runtime.GC()
	}
}

func (s *state) float(v float64) {
	if v != v {
		v = 1.5
	}
	s.mix(math.Float64bits(v))
}

func (s *state) bool(v bool) {
	if v {
		s.mix(3)
	} else {
		s.mix(5)
	}
}

func (s *state) text(v string) {
	s.mix(uint64(len(v)))
	for i := range len(v) {
		s.mix(uint64(v[i]))
	}
}

// apart digests something without an order: its digest is added to a sum.
func (s *state) apart(sum *uint64, digest func(*state)) {
	own := state{n: 1, h: 1}
	digest(&own)
	*sum += own.h
}

// try runs what may panic.
func (s *state) try(run func()) {
	defer s.caught()
	run()
}

// caught is deferred.
func (s *state) caught() {
	if reason := recover(); reason != nil {
		s.reason(reason)
	}
}

func (s *state) reason(reason any) {
	switch reason := reason.(type) {
	case runtime.Error:
		s.text(reason.Error())
	case string:
		s.text(reason)
	case int64:
		s.mix(uint64(reason))
	case float64:
		s.float(reason)
	case []byte:
		s.text(string(reason))
	case shape:
		s.mix(7)
	default:
		s.mix(11)
	}
}

// steps is a sequence whose body a loop gives.
func (s *state) steps(count int) func(yield func(int, int64) bool) {
	return func(yield func(int, int64) bool) {
		defer s.mix(13)
		for i := range count {
			if !yield(i, s.n^int64(i)) {
				return
			}
		}
	}
}

// grow needs so much stack that it moves, gives the processor away at its deepest
// place, and writes by a pointer into the frame of its first caller.
//
//go:noinline
func grow(s *state, depth uint64, at *int64) int64 {
	var frame [40]int64
	i := (depth + uint64(s.n)) % 40
	frame[i] = int64(depth) ^ *at
	if depth == 0 {
		runtime.Gosched()
		*at += 3
		return frame[i]
	}
	here := s.n
	sum := grow(s, depth-1, &here)
	if depth%4 == 1 {
		*at ^= here
	}
	return sum*3 + frame[i] + here
}

// blocks are copies, comparisons and searches of any length at any place.
//
//go:noinline
func blocks(s *state, length, from, to uint64, value byte) {
	length %= 200
	buffer := make([]byte, 400)
	for i := range buffer {
		buffer[i] = byte(uint64(i)*(from|1)>>3) & 131
	}
	from, to = from%200, to%200
	source, target := buffer[from:from+length], buffer[to:to+length]
	s.mix(uint64(bytes.Compare(source, target)))
	s.bool(bytes.Equal(source, target))
	copy(target, source)
	s.text(string(buffer))
	s.mix(uint64(bytes.IndexByte(source, value&131)))
	s.mix(uint64(bytes.LastIndexByte(target, value)))
	s.mix(uint64(bytes.Count(buffer, []byte{value & 131})))
	s.bool(string(source) < string(target))
	// Alike but for a byte at most.
	twin := append(make([]byte, 0, 256), source...)
	if length > 0 {
		twin[(from^to)%length] ^= value & 128
	}
	s.bool(bytes.Equal(source, twin))
	s.bool(string(source) == string(twin))
	s.mix(uint64(bytes.Compare(source, twin)))
	s.mix(uint64(bytes.IndexByte(twin, value|128)))
	clear(buffer[from : from+length/2])
	s.mix(uint64(bytes.Compare(buffer[:from], buffer[from:])))
	s.mix(uint64(bytes.Index(buffer, []byte{0, value & 3})))
	s.text(string(append(source[:length/3], target...)))
}

// clip keeps texts short.
func clip(text string) string {
	if len(text) > 60 {
		return text[len(text)-60:]
	}
	return text
}

func word(n int64) string {
	return clip("word" + string(rune('a'+n&15)))
}

// part is some of a text; it never panics.
func part(text string, low, high uint64) string {
	low %= uint64(len(text)) + 1
	return text[low:][:high%(uint64(len(text))-low+1)]
}

// whole is a float in the range of its integers.
func whole(v float64) int64 {
	if v > -1e15 && v < 1e15 {
		return int64(v)
	}
	return 17
}

// at is some item of a list, or a new one if it has none.
func at[T any](list []T, index uint) *T {
	if len(list) == 0 {
		return new(T)
	}
	return &list[index%uint(len(list))]
}

// some is never nil.
func some[T any](pointer *T) *T {
	if pointer == nil {
		return new(T)
	}
	return pointer
}

// pick hides from its caller's compiler which place it gives; both may be in the
// caller's frame.
//
//go:noinline
func pick[T any](first bool, a, b *T) *T {
	if first {
		return a
	}
	return b
}

func adder(by int64) func(int64) int64 {
	return func(n int64) int64 {
		by += n
		return by
	}
}

func mapped[T, U any](items []T, each func(T) U) []U {
	var all []U
	for _, item := range items {
		all = append(all, each(item))
	}
	return all
}

func folded[T, U any](items []T, start U, each func(U, T) U) U {
	for _, item := range items {
		start = each(start, item)
	}
	return start
}

// run calls a function from a stack that has grown, from a new one, and from one
// beside others that run, and prints what each gave, and whether it came back
// without a panic.
func run(name string, call func(*state)) {
	var ended bool
	digest := func() uint64 {
		ended = false
		s := &state{fuel: fuel, n: 1, h: 1, collections: 1}
		s.try(func() {
			call(s)
			ended = true
		})
		return s.h
	}
	direct := digest()
	results := make(chan uint64)
	go func() { results <- digest() }()
	alone := <-results
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	go func() { results <- digest() }()
	beside := <-results
	done <- true
	println(name, direct, alone, beside, ended)
}
