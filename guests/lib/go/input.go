package guest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// The framing of a guest's standard input, all integers little-endian:
//
//	offset 0   4 bytes  the magic "WRSC"
//	offset 4   u32      the version of the framing, 1
//	offset 8   u32      how often the work is to be done, at least 1
//	offset 12  u32      zero
//	offset 16  u64      length of the payload in bytes
//	offset 24           the payload, then the end of the input
const (
	magic        = "WRSC"
	version      = 1
	headerLength = 24

	// A guest lives in 4 GiB at most, and keeps the payload beside its work.
	maxPayload = 1 << 31
	// A length is only a claim until the bytes have arrived: no more than
	// this is reserved on its word.
	firstReservation = 4 << 20
)

// ReadInput reads standard input as one framed input: how often to do the
// work, and what on. Every deviation from the framing is an error that names
// the offset.
func ReadInput() (runs int, payload []byte, err error) {
	return readInput(os.Stdin)
}

// Frame returns the framed input of a payload: what ReadInput reads.
func Frame(runs int, payload []byte) []byte {
	framed := make([]byte, 0, headerLength+len(payload))
	framed = append(framed, magic...)
	framed = binary.LittleEndian.AppendUint32(framed, version)
	framed = binary.LittleEndian.AppendUint32(framed, uint32(runs))
	framed = binary.LittleEndian.AppendUint32(framed, 0)
	framed = binary.LittleEndian.AppendUint64(framed, uint64(len(payload)))
	return append(framed, payload...)
}

func readInput(r io.Reader) (runs int, payload []byte, err error) {
	var header [headerLength]byte
	if n, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, cut(err, n, "its header needs 24 bytes")
	}
	runs, length, err := parseHeader(header[:])
	if err != nil {
		return 0, nil, err
	}
	var buffer bytes.Buffer
	// The spare bytes let the buffer see the end without growing again.
	buffer.Grow(int(min(length, firstReservation)) + bytes.MinRead)
	if n, err := io.CopyN(&buffer, r, length); err != nil {
		return 0, nil, cut(err, headerLength+int(n), fmt.Sprintf("its payload needs %d bytes", length))
	}
	switch n, err := io.ReadFull(r, header[:1]); {
	case n > 0:
		return 0, nil, fmt.Errorf("input at offset %d: bytes after the payload", headerLength+length)
	case !errors.Is(err, io.EOF):
		return 0, nil, cut(err, headerLength+int(length), "its end is to be seen")
	}
	return runs, buffer.Bytes(), nil
}

func parseHeader(header []byte) (runs int, length int64, err error) {
	if got := header[:4]; string(got) != magic {
		return 0, 0, fmt.Errorf("input at offset 0: magic %q, expected %q", got, magic)
	}
	if got := binary.LittleEndian.Uint32(header[4:]); got != version {
		return 0, 0, fmt.Errorf("input at offset 4: framing version %d, expected %d", got, version)
	}
	count := binary.LittleEndian.Uint32(header[8:])
	if count == 0 || count > 1<<31-1 {
		return 0, 0, fmt.Errorf("input at offset 8: %d runs, expected 1 to %d", count, 1<<31-1)
	}
	if got := binary.LittleEndian.Uint32(header[12:]); got != 0 {
		return 0, 0, fmt.Errorf("input at offset 12: reserved field is %d, expected 0", got)
	}
	size := binary.LittleEndian.Uint64(header[16:])
	if size > maxPayload {
		return 0, 0, fmt.Errorf("input at offset 16: payload of %d bytes, expected at most %d", size, maxPayload)
	}
	return int(count), int64(size), nil
}

// cut explains an input that could not be read to where it should reach.
func cut(err error, offset int, need string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("input ends at offset %d: %s", offset, need)
	}
	return fmt.Errorf("input at offset %d: %w", offset, err)
}
