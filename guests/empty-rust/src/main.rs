//! Does nothing: what start-up, phases and exit cost by themselves.

fn main() {
    wasrisc_guest::run(|_| Ok(String::new()))
}
