package main

import (
	"fmt"
	"runtime"
)

// Functions that only call what never returns: to the scheduler, which resumes
// them, and to panics, below which deferred functions and the collector look at
// their frames.

func init() {
	parts = append([]part{{"frames", frames}}, parts...)
}

//go:noinline
func spin(rounds int) int {
	sum := 0
	for i := 0; i < rounds; i++ {
		sum += i
		runtime.Gosched()
	}
	return sum
}

//go:noinline
func refuse(i int) int {
	panic(i)
}

//go:noinline
func at(numbers []int, i int) int {
	if i < 0 {
		return refuse(i)
	}
	return numbers[i]
}

// held has pointers in its frame that Go's compiler takes for live below refuse.
//
//go:noinline
func held(numbers *[]int, i int) int {
	first, all := &(*numbers)[0], *numbers
	if i < 0 {
		return refuse(i) + *first + all[1]
	}
	return all[i] + *first
}

// caught says how a call ended, after the collector ran and the stack moved.
func caught(call func() int) (text string) {
	defer func() {
		reason := recover()
		runtime.GC()
		bottom := 1
		text += fmt.Sprint(reason, " ", descend(300, &bottom))
	}()
	return fmt.Sprint(call(), " ")
}

func frames() []string {
	numbers := make([]int, 5)
	for i := range numbers {
		numbers[i] = 10 * i
	}
	texts := []string{fmt.Sprint(spin(10))}
	for _, i := range []int{2, 5, -1} {
		texts = append(texts, caught(func() int { return at(numbers, i) }))
		texts = append(texts, caught(func() int { return held(&numbers, i) }))
	}
	return texts
}
