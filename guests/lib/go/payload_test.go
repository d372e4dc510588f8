package guest

import "testing"

func TestUint32(t *testing.T) {
	if n, err := Uint32([]byte{1, 2, 0, 0}); n != 0x201 || err != nil {
		t.Fatalf("%#x, error %v; want 0x201", n, err)
	}
	for _, wrong := range []string{"", "abc", "abcde"} {
		if n, err := Uint32([]byte(wrong)); err == nil {
			t.Fatalf("%q is %d, not refused", wrong, n)
		}
	}
}
