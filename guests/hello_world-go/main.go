// The smallest guest with an output: what is left is start-up and exit.
package main

import "wasrisc/guest"

func main() {
	guest.Main(func([]byte) ([]byte, error) {
		return []byte("Hello, world!\n"), nil
	})
}
