package guest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestReadInput(t *testing.T) {
	large := bytes.Repeat([]byte("payload"), firstReservation/3)
	for name, payload := range map[string][]byte{"empty": nil, "short": []byte("abc"), "large": large} {
		t.Run(name, func(t *testing.T) {
			runs, got, err := readInput(iotest.HalfReader(bytes.NewReader(Frame(7, payload))))
			if err != nil || runs != 7 || !bytes.Equal(got, payload) {
				t.Fatalf("%d runs, %d bytes, error %v; want 7 runs, %d bytes", runs, len(got), err, len(payload))
			}
		})
	}
}

func TestFrameIsWhatTheContractSays(t *testing.T) {
	want := "WRSC" + "\x01\x00\x00\x00" + "\x0a\x00\x00\x00" + "\x00\x00\x00\x00" +
		"\x03\x00\x00\x00\x00\x00\x00\x00" + "abc"
	if got := Frame(10, []byte("abc")); string(got) != want {
		t.Fatalf("%q, want %q", got, want)
	}
}

// with returns the frame of "abc" with one little-endian field of it replaced.
func with(offset int, value any) []byte {
	frame := Frame(1, []byte("abc"))
	if _, err := binary.Encode(frame[offset:], binary.LittleEndian, value); err != nil {
		panic(err)
	}
	return frame
}

func TestReadInputRefuses(t *testing.T) {
	frame := Frame(1, []byte("abc"))
	broken := errors.New("the disk is on fire")
	for _, test := range []struct {
		name  string
		input io.Reader
		want  string
	}{
		{"nothing", bytes.NewReader(nil), "input ends at offset 0: its header needs 24 bytes"},
		{"half a header", bytes.NewReader(frame[:23]), "input ends at offset 23: its header needs 24 bytes"},
		{"magic", bytes.NewReader(with(0, [4]byte([]byte("WASM")))), `input at offset 0: magic "WASM", expected "WRSC"`},
		{"version", bytes.NewReader(with(4, uint32(2))), "input at offset 4: framing version 2, expected 1"},
		{"no runs", bytes.NewReader(with(8, uint32(0))), "input at offset 8: 0 runs, expected 1 to 2147483647"},
		{"too many runs", bytes.NewReader(with(8, uint32(1<<31))), "input at offset 8: 2147483648 runs, expected 1 to 2147483647"},
		{"reserved", bytes.NewReader(with(12, uint32(5))), "input at offset 12: reserved field is 5, expected 0"},
		{"absurd length", bytes.NewReader(with(16, ^uint64(0))), "input at offset 16: payload of 18446744073709551615 bytes, expected at most 2147483648"},
		{"no payload", bytes.NewReader(frame[:24]), "input ends at offset 24: its payload needs 3 bytes"},
		{"half a payload", bytes.NewReader(frame[:26]), "input ends at offset 26: its payload needs 3 bytes"},
		{"length too large", bytes.NewReader(with(16, uint64(1<<31))), "input ends at offset 27: its payload needs 2147483648 bytes"},
		{"length too small", bytes.NewReader(with(16, uint64(2))), "input at offset 26: bytes after the payload"},
		{"trailing byte", bytes.NewReader(append(frame, 0)), "input at offset 27: bytes after the payload"},
		{"broken header", iotest.ErrReader(broken), "input at offset 0: the disk is on fire"},
		{"broken payload", io.MultiReader(bytes.NewReader(frame[:25]), iotest.ErrReader(broken)), "input at offset 25: the disk is on fire"},
		{"broken end", io.MultiReader(bytes.NewReader(frame), iotest.ErrReader(broken)), "input at offset 27: the disk is on fire"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := readInput(test.input)
			if err == nil || err.Error() != test.want {
				t.Fatalf("error %v, want %s", err, test.want)
			}
		})
	}
}
