//! Several executions at once, as many as there are jobs.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;

/// Does `work` for each item, `jobs` at a time. What comes of it is in no
/// particular order.
///
/// # Errors
/// The first failure of a worker; after one no further item is begun.
pub fn side_by_side<T: Send, R: Send>(
    jobs: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (left, done) = (Mutex::new(Some(items)), Mutex::new(Vec::new()));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.next();
    let stop = || drop(left.lock().unwrap_or_else(PoisonError::into_inner).take());
    let worker = || -> Result<()> {
        while let Some(item) = next() {
            let made = work(item).inspect_err(|_| stop())?;
            done.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|w| w.join().expect("a worker does not panic"));
        ended.collect::<Result<Vec<()>>>()
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_done_once() {
        let mut made = side_by_side(3, 0..50, |n| Ok(n * 2)).unwrap();
        made.sort_unstable();
        assert_eq!(made, (0..50).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_failure_ends_the_rest() {
        let begun = Mutex::new(0);
        let failed = side_by_side(1, 0..50, |n| {
            *begun.lock().unwrap() += 1;
            anyhow::ensure!(n < 3, "item {n}");
            Ok(n)
        });
        assert_eq!(failed.unwrap_err().to_string(), "item 3");
        assert_eq!(*begun.lock().unwrap(), 4);
    }
}
