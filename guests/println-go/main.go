// A guest that formats a thousand lines: the cost of printing, without that of
// a system call for each line.
package main

import (
	"bytes"
	"fmt"

	"wasrisc/guest"
)

const lines = 1000

func main() {
	guest.Main(func([]byte) ([]byte, error) {
		var output bytes.Buffer
		for n := range lines {
			fmt.Fprintf(&output, "line %d\n", n)
		}
		return output.Bytes(), nil
	})
}
