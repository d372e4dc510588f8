package guest

// mark is a call, as WebAssembly has no instruction that a translator must
// keep and that does nothing: whoever provides it executes the machine's marker.
//
//go:wasmimport wasrisc phase
func mark(code uint32)
