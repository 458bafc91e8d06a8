//! `jiahu`: the server and the tools around it.

mod cli;

use std::process::ExitCode;

/// A server that answers from many threads keeps a fraction of the memory that glibc's arenas would hold on to.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
