package guest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPhaseRefusesOtherCodes(t *testing.T) {
	defer func() {
		if got, want := recover(), "phase 3: only 1 and 2 exist"; got != want {
			t.Fatalf("panic %v, want %s", got, want)
		}
	}()
	Phase(3)
}

func TestRun(t *testing.T) {
	var nobody *strings.Builder
	for _, test := range []struct {
		name           string
		work           func(payload []byte) ([]byte, error)
		code           int
		stdout, stderr string
	}{
		{"output once", func(p []byte) ([]byte, error) { return p, nil }, 0, "abc", ""},
		{"error", func([]byte) ([]byte, error) { return nil, errors.New("wrong root") }, 1, "", "wrong root\n"},
		{"error of lines", func([]byte) ([]byte, error) { return nil, errors.New("wrong\nroot\r\n") }, 1, "", "wrong; root\n"},
		{"panic", func([]byte) ([]byte, error) { panic("no\nway") }, 2, "", "internal error: no; way\n"},
		{"index", func(p []byte) ([]byte, error) { return p[:len(p)+1-9], nil }, 2, "",
			"internal error: runtime error: slice bounds out of range [:-5]\n"},
		{"nil", func([]byte) ([]byte, error) { nobody.Reset(); return nil, nil }, 2, "",
			"internal error: runtime error: invalid memory address or nil pointer dereference\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(bytes.NewReader(Frame(3, []byte("abc"))), &stdout, &stderr, test.work)
			if code != test.code || stdout.String() != test.stdout || stderr.String() != test.stderr {
				t.Fatalf("exit code %d, stdout %q, stderr %q; want %d, %q, %q",
					code, stdout.String(), stderr.String(), test.code, test.stdout, test.stderr)
			}
		})
	}
}

func TestRunCounts(t *testing.T) {
	count := 0
	run(bytes.NewReader(Frame(10, nil)), io.Discard, io.Discard, func([]byte) ([]byte, error) {
		count++
		return nil, nil
	})
	if count != 10 {
		t.Fatalf("worked %d times, want 10", count)
	}
}
