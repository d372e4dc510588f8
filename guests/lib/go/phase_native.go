//go:build riscv64 || amd64

package guest

// mark executes the marker of the code, which must be 1 or 2.
//
//go:noescape
func mark(code uint32)
