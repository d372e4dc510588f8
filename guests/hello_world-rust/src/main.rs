//! Prints one line.

fn main() {
    wasrisc_guest::run(|_| Ok("Hello, world!\n".into()))
}
