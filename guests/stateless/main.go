// The guest of the headline: an Ethereum block, re-executed from nothing but
// the block and its execution witness.
package main

import (
	"wasrisc/guest"
	"wasrisc/stateless/verify"
)

func main() {
	guest.Main(func(payload []byte) ([]byte, error) {
		verdict, err := verify.Payload(payload)
		return []byte(verdict), err
	})
}
