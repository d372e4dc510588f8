// A guest that does nothing: the cost of the language's runtime alone.
package main

import "wasrisc/guest"

func main() {
	guest.Main(func([]byte) ([]byte, error) { return nil, nil })
}
