// A library: exported functions of several types, one of them that of Go's own
// functions in WebAssembly. Some give the processor away, need stacks that move, or
// panic, and are called again after it.
package main

import "runtime"

var (
	requests = make(chan int64)
	answers  = make(chan int64)
	calls    int
)

func init() {
	go func() {
		total := int64(0)
		for request := range requests {
			total += request
			answers <- total
		}
	}()
}

func main() {}

//go:wasmexport mixed
func mixed(a int32, b int64, c float32, d float64, e bool) float64 {
	calls++
	if e {
		return float64(a) + float64(b) + float64(c) + d
	}
	return -1
}

//go:wasmexport likeGos
func likeGos(n int32) int32 {
	calls++
	return n*2 + 1
}

//go:wasmexport zero
func zero(n int32) int32 { return 0 }

//go:wasmexport count
func count() {
	calls++
}

// ask waits for another goroutine.
//
//go:wasmexport ask
func ask(n int64) int64 {
	calls++
	requests <- n
	runtime.Gosched()
	return <-answers
}

//go:noinline
func descend(depth int64, at *int64) int64 {
	var frame [50]int64
	frame[depth%50] = depth
	if depth == 0 {
		runtime.GC()
		*at++
		return ask(1)
	}
	here := depth
	return descend(depth-1, &here) + frame[depth%50] + here - depth
}

//go:wasmexport deep
func deep(depth int64) (sum int64) {
	defer func() {
		if recover() != nil {
			sum = ask(-sum)
		}
	}()
	at := depth
	sum = descend(depth, &at)
	if at%2 == 0 {
		panic("even")
	}
	return sum
}

//go:wasmexport known
func known() int32 {
	return int32(calls)
}
