// Ends as its first argument says, on every machine and in every pipeline; see
// endings.go. Otherwise it does what Go's runtime must survive there (runtime.go)
// and prints that, with its arguments.
package main

import (
	"fmt"
	"os"
	"strings"

	"wasrisc/guest"
)

func main() {
	if len(os.Args) > 1 {
		if end, known := endings[os.Args[1]]; known {
			end(os.Args[2:])
			return
		}
	}
	guest.Main(func([]byte) ([]byte, error) {
		return []byte(arguments() + everything()), nil
	})
}

// arguments are those after the program's name, which a process's kernel chooses.
func arguments() string {
	return fmt.Sprintf("arguments %q, environment %q\n", os.Args[1:], os.Getenv("GUEST"))
}

// everything runs each part and joins their lines.
func everything() string {
	var lines strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&lines, "%s: %s\n", part.name, strings.Join(part.run(), ", "))
	}
	return lines.String()
}
