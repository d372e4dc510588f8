//! Only tests, in a crate apart from what they test: they take the precompiler
//! and the runtime as `cargo xtask` built them, from the environment, so that
//! testing does not compile Cranelift a second time.
