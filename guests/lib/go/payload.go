package guest

import (
	"encoding/binary"
	"fmt"
)

// Uint32 is the number that a payload of four bytes is, the lowest first.
func Uint32(payload []byte) (uint32, error) {
	if len(payload) != 4 {
		return 0, fmt.Errorf("bad payload: %d bytes, expected a u32 of 4 bytes", len(payload))
	}
	return binary.LittleEndian.Uint32(payload), nil
}
