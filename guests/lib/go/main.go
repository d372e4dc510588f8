// Package guest is what every Go guest shares: the framing of its input, the
// markers of its phases, and an exit that says what happened.
package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit codes of a guest. Go's own runtime exits with 2 as well when it gives up.
const (
	exitRefused = 1 // the input is bad, or the work says no
	exitPanic   = 2 // the guest itself is at fault
)

// Main is the whole of a guest: it reads the framed input, does the work as
// often as the input says, prints the output of the last run and ends the
// process. Work must return the same output every time.
//
// An error or a panic becomes one line on standard error and an exit code of 1
// or 2. Three ends cannot be caught from within: running out of memory, a stack
// overflow and a panic on a goroutine that the work started. Go's runtime then
// prints its own lines and exits with 2; GOTRACEBACK=none in the environment
// keeps the stack traces out of them.
func Main(work func(payload []byte) (output []byte, err error)) {
	os.Exit(run(os.Stdin, os.Stdout, os.Stderr, work))
}

func run(stdin io.Reader, stdout, stderr io.Writer, work func([]byte) ([]byte, error)) int {
	runs, payload, err := readInput(stdin)
	if err != nil {
		return fail(stderr, err)
	}
	var output []byte
	for range runs {
		Phase(PhaseRun)
		output, err = attempt(work, payload)
		if err != nil {
			return fail(stderr, err)
		}
	}
	Phase(PhaseExit)
	if _, err := stdout.Write(output); err != nil {
		return fail(stderr, fmt.Errorf("write the output: %w", err))
	}
	return 0
}

// A fault is a panic of the work.
type fault struct{ reason any }

func (f fault) Error() string { return fmt.Sprintf("internal error: %v", f.reason) }

func attempt(work func([]byte) ([]byte, error), payload []byte) (output []byte, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			output, err = nil, fault{reason}
		}
	}()
	return work(payload)
}

// fail prints the reason as one line, whatever the error holds, and returns
// the exit code of its kind.
func fail(stderr io.Writer, err error) int {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' })
	fmt.Fprintln(stderr, strings.Join(lines, "; "))
	if errors.As(err, new(fault)) {
		return exitPanic
	}
	return exitRefused
}
