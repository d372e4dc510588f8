//! A web server on loopback that has the files of one directory.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(root: &Path) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let (root, told) = (root.to_path_buf(), ended.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                let (root, told) = (root.clone(), told.clone());
                // A client that goes away in the middle is none of our failures.
                std::thread::spawn(move || stream.and_then(|s| answer(&root, &told, s)));
            }
        });
        Server { address, ended, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread; it looks at `ended` then.
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

/// One request per connection. A file with another called `FILE.stall` beside
/// it stops in its middle until that is gone.
fn answer(root: &Path, ended: &AtomicBool, mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let mut file = root.join(path.replace("%3a", ":").replace("%2b", "+"));
    if file.is_dir() {
        file = file.join("index.html");
    }
    let Ok(body) = std::fs::read(&file) else {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    };
    let kind = if file.ends_with("index.html") { "text/html" } else { "application/octet-stream" };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let (first, second) = body.split_at(length / 2);
    stream.write_all(first)?;
    let stall = PathBuf::from(format!("{}.stall", file.display()));
    while stall.exists() && !ended.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(second)
}
