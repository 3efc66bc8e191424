//! A proxy before PostgreSQL that cuts connections at their commits.
//!
//! It reads the messages that clients send far enough to know which of them commits: the execution of a statement whose text
//! is `COMMIT`, or which calls the function that commits.

use std::{
    collections::HashSet,
    fmt,
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// What happens to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing: it passes, and so does its answer.
    Nowhere,
    /// It lands, and its answer is lost with the connection.
    AfterLanding,
    /// It is lost with the connection.
    BeforeLanding,
}

/// Called after a commit landed, before its connection is cut.
pub type Meanwhile = Box<dyn Fn() + Send + Sync>;

/// The proxy; it listens for as long as the process lives.
#[derive(Debug)]
pub struct Cutting {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: u16,
    cut: Mutex<Cut>,
    /// Whether the next commit passes, because the last one was cut.
    passes: AtomicBool,
    cuts: AtomicUsize,
    meanwhile: Meanwhile,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Cutting {
    /// A proxy before a port of this machine that cuts nothing yet.
    ///
    /// # Panics
    /// The system has no port left.
    #[must_use]
    pub fn before(to: u16, meanwhile: Meanwhile) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let shared = Arc::new(Shared {
            to,
            cut: Mutex::new(Cut::Nowhere),
            passes: AtomicBool::new(false),
            cuts: AtomicUsize::new(0),
            meanwhile,
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = accepting.clone();
                // A connection that breaks off is what this is for.
                thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Self { port, shared }
    }

    /// Where it listens, on this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on every other commit is cut so, beginning with the next: each is cut once, and passes when it is
    /// submitted again.
    pub fn cut(&self, cut: Cut) {
        *self.shared.cut() = cut;
        self.shared.passes.store(false, Ordering::SeqCst);
    }

    /// How many commits were cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, self.to))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let answers = Answers {
            silent: Arc::new(AtomicBool::new(false)),
        };
        let (mut back, mut towards) = (server.try_clone()?, client.try_clone()?);
        let answering = answers.clone();
        let passing = thread::spawn(move || answering.pass(&mut back, &mut towards));
        let ended = self.ask(&mut client, &mut server, &answers);
        // Both ways: whoever waits for the other end learns of it.
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        let _ = passing.join();
        ended
    }

    /// Passes on what the client says, message by message, until it ends or is cut.
    fn ask(
        &self,
        client: &mut TcpStream,
        server: &mut TcpStream,
        answers: &Answers,
    ) -> io::Result<()> {
        // The first message has no kind.
        let first = body(client)?;
        server.write_all(&first)?;
        let mut committing = HashSet::new();
        loop {
            let mut kind = [0];
            client.read_exact(&mut kind)?;
            let message = body(client)?;
            match kind[0] {
                b'P' if commits(&message) => drop(committing.insert(name(&message, 0))),
                // Of a bind, the first name is the portal's.
                b'B' if committing.contains(&name(&message, 1)) => match self.next() {
                    Cut::Nowhere => {}
                    Cut::BeforeLanding => {
                        self.cuts.fetch_add(1, Ordering::SeqCst);
                        return Ok(());
                    }
                    Cut::AfterLanding => {
                        answers.silent.store(true, Ordering::SeqCst);
                        server.write_all(&kind)?;
                        server.write_all(&message)?;
                        // The execution and the end of the request follow.
                        for _ in 0..2 {
                            client.read_exact(&mut kind)?;
                            let message = body(client)?;
                            server.write_all(&kind)?;
                            server.write_all(&message)?;
                        }
                        // No more is said, so that the server answers, and ends.
                        server.shutdown(Shutdown::Write)?;
                        answers.wait(server)?;
                        self.cuts.fetch_add(1, Ordering::SeqCst);
                        (self.meanwhile)();
                        return Ok(());
                    }
                },
                _ => {}
            }
            server.write_all(&kind)?;
            server.write_all(&message)?;
        }
    }

    fn next(&self) -> Cut {
        let cut = *self.cut();
        if cut == Cut::Nowhere || self.passes.fetch_xor(true, Ordering::SeqCst) {
            return Cut::Nowhere;
        }
        cut
    }

    fn cut(&self) -> MutexGuard<'_, Cut> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way back.
#[derive(Clone)]
struct Answers {
    /// Whether nothing is passed on any more.
    silent: Arc<AtomicBool>,
}

impl Answers {
    fn pass(&self, server: &mut TcpStream, client: &mut TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(read @ 1..) = server.read(&mut bytes) {
            if !self.silent.load(Ordering::SeqCst) && client.write_all(&bytes[..read]).is_err() {
                return;
            }
        }
        // The server has ended: so does whoever waits for its last word.
        let _ = server.shutdown(Shutdown::Read);
    }

    /// Waits until the server has said its last word.
    fn wait(&self, server: &mut TcpStream) -> io::Result<()> {
        let mut bytes = [0; 1024];
        while server.read(&mut bytes)? > 0 {}
        Ok(())
    }
}

/// The length of a message and what it holds.
fn body(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    let length = u32::from_be_bytes([message[0], message[1], message[2], message[3]]) as usize;
    message.resize(length.max(4), 0);
    from.read_exact(&mut message[4..])?;
    Ok(message)
}

/// A name of a message, by the number of those before it.
fn name(message: &[u8], at: usize) -> Vec<u8> {
    let names = message
        .get(4..)
        .unwrap_or_default()
        .split(|byte| *byte == 0);
    names
        .skip(at)
        .map(<[u8]>::to_vec)
        .next()
        .unwrap_or_default()
}

/// Whether the statement that a message prepares commits.
fn commits(message: &[u8]) -> bool {
    let text = name(message, 1);
    text == b"COMMIT" || text.windows(5).any(|it| it == b"land_")
}
