//go:build !riscv64 && !amd64 && !wasm

package guest

// mark does nothing where nobody counts.
func mark(uint32) {}
