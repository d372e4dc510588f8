package guest

import "fmt"

// A phase of a guest's execution, announced by its code at its beginning. All
// before the first run is start-up.
const (
	PhaseRun  = 1 // a run of the work begins
	PhaseExit = 2 // all runs are done, the exit begins
)

// Phase announces a phase to whoever counts instructions. What it executes has
// no effect on the machine, so that a guest runs the same uncounted.
func Phase(code uint32) {
	if code != PhaseRun && code != PhaseExit {
		panic(fmt.Sprintf("phase %d: only %d and %d exist", code, PhaseRun, PhaseExit))
	}
	mark(code)
}
