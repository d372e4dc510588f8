package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
)

// endings is how a program of Go can end, but for being killed.
var endings = map[string]func(arguments []string){
	"return":            func([]string) { fmt.Println("returned") },
	"exit":              exit,
	"exit-late":         exitLate,
	"log":               func([]string) { log.SetFlags(0); log.Fatal("no way on") },
	"panic":             func([]string) { panic("on purpose") },
	"panic-error":       func([]string) { panic(errors.New("an error")) },
	"panic-again":       panicAgain,
	"panic-elsewhere":   panicElsewhere,
	"nil":               func([]string) { fmt.Println(*pointer) },
	"nil-far":           func([]string) { fmt.Println(large.last) },
	"nil-map":           func([]string) { table["key"] = 1 },
	"index":             func(a []string) { fmt.Println(digits[len(a)+10]) },
	"divide":            func(a []string) { fmt.Println(10 / len(a)) },
	"deadlock":          func([]string) { <-make(chan int) },
	"deadlock-together": deadlockTogether,
	"goexit":            func([]string) { runtime.Goexit() },
	"stack":             stack,
	"unlock":            func([]string) { new(sync.Mutex).Unlock() },
	"memory":            memory,
}

var (
	pointer *int
	large   *struct {
		_    [1 << 20]byte
		last int
	}
	table  map[string]int
	digits = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
)

func exit(arguments []string) {
	code, err := strconv.Atoi(arguments[0])
	if err != nil {
		panic(err)
	}
	defer fmt.Println("not printed")
	os.Exit(code)
}

// exitLate exits after goroutines, unwinding, growth of stacks and collections,
// from a function that was resumed.
func exitLate(arguments []string) {
	fmt.Print(everything())
	done := make(chan struct{})
	go func() { close(done) }()
	<-done
	exit(arguments)
}

func panicAgain([]string) {
	defer func() {
		panic(fmt.Sprint("again after ", recover()))
	}()
	panic("first")
}

func panicElsewhere([]string) {
	go func() { panic("in another goroutine") }()
	<-make(chan int)
}

func deadlockTogether([]string) {
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { select {} })
	}
	group.Wait()
}

// stack needs more than Go gives it, which is less than the machine's stack.
func stack([]string) {
	debug.SetMaxStack(4 << 20)
	fmt.Println(endless(0))
}

//go:noinline
func endless(depth int) int {
	var frame [64]int
	frame[depth%64] = depth
	return endless(depth+1) + frame[depth%64]
}

var kept [][]byte

func memory([]string) {
	for {
		kept = append(kept, make([]byte, 256<<20))
	}
}
