package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// A part gives the same lines on every machine, whatever its speed.
type part struct {
	name string
	run  func() []string
}

var parts = []part{
	{"recursion", recursion},
	{"stacks with pointers", stacksWithPointers},
	{"recovered", recovered},
	{"panics across goroutines", panicsAcrossGoroutines},
	{"select", selects},
	{"timers", timers},
	{"waiting", waiting},
	{"callers", callers},
	{"collector", collector},
	{"methods", methods},
	{"maps", maps},
	{"json", jsonBothWays},
	{"numbers", numbers},
	// Last, since the collector looks at each that ever was.
	{"goroutines", goroutines},
}

// descend has a frame of half a KiB whose last caller is reached by a pointer, so
// that a moved stack that was not mended shows.
//
//go:noinline
func descend(depth int, bottom *int) int {
	var frame [64]int
	frame[depth%64] = depth
	if depth == 0 {
		*bottom++
		return 0
	}
	here := depth
	return descend(depth-1, &here) + frame[depth%64] + depth - here + *bottom - *bottom
}

func recursion() []string {
	bottom := 1
	return []string{fmt.Sprint(descend(8000, &bottom)), fmt.Sprint(bottom)}
}

// stacksWithPointers grows stacks in several goroutines at once, gives the
// processor away at the deepest place, and lets the collector shrink them.
func stacksWithPointers() []string {
	var group sync.WaitGroup
	sums := make([]int, 8)
	for i := range sums {
		group.Go(func() {
			for round := range 3 {
				value := i
				sums[i] += growing(80*(i+round+1), &value, func() { runtime.Gosched() }) + value
				runtime.GC()
			}
		})
	}
	group.Wait()
	return []string{fmt.Sprint(sums)}
}

//go:noinline
func growing(depth int, value *int, deepest func()) (sum int) {
	defer func() { sum += *value }()
	if depth == 0 {
		deepest()
		return 0
	}
	here := *value + depth%2
	return growing(depth-1, &here, deepest) + here - *value
}

// catch turns what a function panics with into a text.
func catch(run func()) (reason string) {
	defer func() { reason = fmt.Sprint(recover()) }()
	run()
	return ""
}

func recovered() []string {
	index, zero := len(digits), 0
	var shape any = "text"
	nested := func() {
		defer func() { panic(fmt.Sprint("second after ", recover())) }()
		panic("first")
	}
	return []string{
		catch(func() { fmt.Println(*pointer) }),
		catch(func() { fmt.Println(large.last) }),
		catch(func() { digits[index] = 1 }),
		catch(func() { fmt.Println(digits[index:zero]) }),
		catch(func() { fmt.Println(1 / zero) }),
		catch(func() { fmt.Println(shape.(int)) }),
		catch(func() { table["key"] = 1 }),
		catch(func() { close((chan int)(nil)) }),
		catch(func() { fmt.Println(make([]int, zero-1)) }),
		catch(func() { descendThenPanic(600) }),
		catch(nested),
	}
}

//go:noinline
func descendThenPanic(depth int) {
	defer func() {
		if depth%150 == 0 {
			panic(fmt.Sprint(recover(), " ", depth))
		}
	}()
	if depth == 0 {
		panic("deep")
	}
	descendThenPanic(depth - 1)
}

var errGuest = errors.New("of the guest")

func panicsAcrossGoroutines() []string {
	failures := make(chan error)
	for i := range 4 {
		go func() {
			defer func() { failures <- fmt.Errorf("%w: %v %d", errGuest, recover(), i) }()
			catch(func() { panic("caught here") })
			panic("thrown in")
		}()
	}
	go func() {
		defer func() { failures <- fmt.Errorf("left with %v", recover()) }()
		runtime.Goexit()
	}()
	var lines []string
	for range 5 {
		err := <-failures
		lines = append(lines, fmt.Sprint(err, " ", errors.Is(err, errGuest)))
	}
	slices.Sort(lines)
	return lines
}

// goroutines has ten thousand alive at once, in a chain and around a lock.
func goroutines() []string {
	const count = 10000
	first := make(chan int)
	left := first
	for range count {
		from, to := left, make(chan int)
		go func() { to <- 1 + <-from }()
		left = to
	}
	var lock sync.Mutex
	var group sync.WaitGroup
	total := 0
	for i := range count {
		group.Go(func() {
			value := i
			sum := descend(i%10, &value)
			lock.Lock()
			defer lock.Unlock()
			total += sum + value
		})
	}
	first <- 0
	group.Wait()
	return []string{fmt.Sprint(<-left), fmt.Sprint(total)}
}

func selects() []string {
	numbers, words, stop := make(chan int), make(chan string, 2), make(chan struct{})
	go func() {
		for i := range 100 {
			numbers <- i
		}
		close(stop)
	}()
	go func() {
		for i := range 100 {
			words <- strings.Repeat("w", i)
		}
	}()
	sum, letters := 0, 0
	for received := 0; received < 200; {
		select {
		case number := <-numbers:
			sum += number
			received++
		case word := <-words:
			letters += len(word)
			received++
		default:
			runtime.Gosched()
		}
	}
	var never chan int
	select {
	case never <- 1:
	case <-never:
	case <-stop:
		sum++
	}
	return []string{fmt.Sprint(sum), fmt.Sprint(letters)}
}

func timers() []string {
	start := time.Now()
	early := make(chan bool)
	for _, wait := range []time.Duration{30, 1, 15} {
		wait *= time.Millisecond
		time.AfterFunc(wait, func() { early <- time.Since(start) < wait })
	}
	lines := []string{fmt.Sprint(<-early, <-early, <-early)}
	late := time.NewTimer(time.Hour)
	ticker := time.NewTicker(time.Millisecond)
	for range 5 {
		<-ticker.C
	}
	ticker.Stop()
	start = time.Now()
	time.Sleep(2 * time.Millisecond)
	slept := time.Since(start) >= 2*time.Millisecond
	return append(lines, fmt.Sprint(late.Stop(), " ", late.Reset(0), " ", slept))
}

func waiting() []string {
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errGuest)
	defer cancel()
	<-ctx.Done()
	lines := []string{fmt.Sprint(ctx.Err(), ": ", context.Cause(ctx))}
	var lock sync.Mutex
	condition := sync.NewCond(&lock)
	turn := 0
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			lock.Lock()
			defer lock.Unlock()
			for turn != i {
				condition.Wait()
			}
			turn++
			condition.Broadcast()
		})
	}
	group.Wait()
	var once sync.Once
	for range 3 {
		once.Do(func() { turn *= 2 })
	}
	return append(lines, fmt.Sprint(turn))
}

// callers are asked for on a stack that was moved, below a function value and a
// method, and in a goroutine of its own.
func callers() []string {
	bottom := 0
	descend(1000, &bottom)
	lines := calls{}.of(3)
	other := make(chan []string)
	go func() { other <- calls{}.of(1) }()
	return append(append(lines, "and"), <-other...)
}

type calls struct{}

//go:noinline
func (c calls) of(depth int) []string {
	if depth > 0 {
		again := func() []string { return c.of(depth - 1) }
		return again()
	}
	counters := make([]uintptr, 20)
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	var names []string
	for {
		frame, more := frames.Next()
		// What starts a program differs from system to system.
		if strings.HasPrefix(frame.Function, "main.") {
			names = append(names, fmt.Sprint(frame.Function, ":", frame.Line))
		}
		if !more {
			return names
		}
	}
}

type tree struct {
	left, right *tree
	value       int
}

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{value: 1}
	}
	return &tree{grow(depth - 1), grow(depth - 1), depth}
}

func (t *tree) sum() int {
	if t == nil {
		return 0
	}
	return t.value + t.left.sum() + t.right.sum()
}

func collector() []string {
	kept := grow(12)
	garbage := 0
	for i := range 100 {
		garbage += len(strings.Repeat("ab", i)) + grow(6).sum()
		if i%50 == 0 {
			runtime.GC()
		}
	}
	finalized := make(chan string)
	runtime.SetFinalizer(grow(1), func(t *tree) { finalized <- fmt.Sprint("finalized ", t.sum()) })
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	return []string{fmt.Sprint(kept.sum()), fmt.Sprint(garbage), <-finalized}
}

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type circle struct{ radius float64 }

func (c *circle) area() float64 { return 3.25 * c.radius * c.radius }

func methods() []string {
	total := 0.0
	for _, s := range []shape{square{2}, &circle{3}, square{1.5}} {
		total += s.area()
	}
	bound, free := square{3}.area, (*circle).area
	return []string{fmt.Sprint(total), fmt.Sprint(bound() + free(&circle{1}))}
}

func maps() []string {
	counts := map[string]int{}
	for i := range 5000 {
		counts[fmt.Sprint("k", i%777)] += i
	}
	var keys []string
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return []string{fmt.Sprint(len(keys), keys[:3], counts[keys[5]])}
}

type record struct {
	Name   string         `json:"name"`
	Values []float64      `json:"values"`
	Counts map[string]int `json:"counts"`
}

func jsonBothWays() []string {
	text, err := json.Marshal(record{"a", []float64{1.5, 2, 1e100}, map[string]int{"z": 1, "b": 2}})
	var back record
	again := json.Unmarshal(text, &back)
	return []string{string(text), fmt.Sprint(err, again, back)}
}

func numbers() []string {
	product := big.NewInt(1)
	for i := int64(1); i < 60; i++ {
		product.Mul(product, big.NewInt(i))
	}
	power := new(big.Int).Exp(big.NewInt(3), big.NewInt(1000), big.NewInt(1000000007))
	return []string{product.String(), power.String()}
}
