//! The command line: a file for each command, and a line in `commands!`.

mod admin;
mod audit;
mod community;
mod demo;
mod doctor;
mod effective;
mod keys;
mod migrate;
mod openapi;
mod outcome;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};
use jiahu::config::{Args, Env};

use outcome::{Failure, Outcome};
use settings::Settings;

macro_rules! commands {
    ($($(#[$about:meta])+ $name:ident($module:ident);)+) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($(#[$about])+ $name($module::$name),)+
        }

        impl Command {
            async fn run(self, settings: &Settings) -> Outcome {
                match self {
                    $(Self::$name(command) => command.run(settings).await,)+
                }
            }
        }
    };
}

commands! {
    /// Serve the API until told to stop
    ///
    /// The first SIGTERM or Ctrl-C lets open requests finish, the second one ends the process at once.
    Serve(serve);
    /// Bring the database's schema up to date, creating an SQLite file that is not there
    ///
    /// Run it before the first start and with every new version. Several at once do no harm.
    Migrate(migrate);
    /// Check the installation and say what to do
    ///
    /// One line a check: ok, warn or fail. Ends with 1 when anything fails.
    Doctor(doctor);
    /// Serve an invented county on this machine, to try things out
    ///
    /// Keys, logins and the embedded database are kept in --data-dir [default: .jiahu/demo]; with --database-url,
    /// an empty PostgreSQL database is used instead. The rest is as in `jiahu serve`, without rate limits.
    Demo(demo);
    /// Make the key file of a new installation
    Keys(keys);
    /// Create a community with its lead hospital
    Community(community);
    /// Create an administrator
    Admin(admin);
    /// Prove the audit trail
    Audit(audit);
    /// Print the effective configuration, secrets masked
    ///
    /// Every key with its value and where it came from: flag, variable, file or default.
    #[command(name = "config")]
    Effective(effective);
    /// Print the API's specification
    ///
    /// OpenAPI 3.1 as JSON. The same program prints the same bytes: mobile-api-spec/openapi.json is this.
    Openapi(openapi);
}

/// Jiahu (家护): home nursing for a county.
///
/// A new installation: `jiahu keys new`, `jiahu migrate`, `jiahu community create`, `jiahu admin create`, `jiahu serve`.
#[derive(Debug, Parser)]
#[command(
    name = "jiahu",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    args: Args,
}

/// Stands below the help of every command.
const SETTINGS_NOTE: &str = "Settings may stand here as well; `jiahu --help` lists them.";

/// Settings may stand before or after the command, but only the help of `jiahu` itself lists them.
fn command_line() -> clap::Command {
    let line = Cli::command().mut_args(|arg| arg.global(true));
    let hidden: Vec<Arg> = line
        .get_arguments()
        .map(|arg| arg.clone().hide(true))
        .collect();
    line.mut_subcommands(|command| with_hidden(command, &hidden))
}

fn with_hidden(command: clap::Command, settings: &[Arg]) -> clap::Command {
    command
        .args(settings)
        .after_help(SETTINGS_NOTE)
        .mut_subcommands(|command| with_hidden(command, settings))
}

/// Runs the command that was asked for. 0: done. 1: failed, the reason is on stderr. 2: wrong usage.
pub(crate) async fn run() -> ExitCode {
    let matches = command_line().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match execute(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::FAILURE,
        Err(Failure::Because(reason)) => {
            eprintln!("jiahu: {reason}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read here, once, and handed to the configuration"
)]
async fn execute(cli: Cli) -> Outcome {
    let env = Env::from_os(std::env::vars_os())?;
    cli.command
        .run(&Settings {
            args: cli.args,
            env,
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command_line().debug_assert();
    }

    #[test]
    fn settings_stand_before_or_after_the_command() {
        for line in [
            ["jiahu", "--listen", "127.0.0.1:1", "keys", "new"],
            ["jiahu", "keys", "--listen", "127.0.0.1:1", "new"],
            ["jiahu", "keys", "new", "--listen", "127.0.0.1:1"],
        ] {
            let matches = command_line().get_matches_from(line);
            let cli = Cli::from_arg_matches(&matches).expect("understood");
            assert_eq!(cli.args.listen.as_deref(), Some("127.0.0.1:1"), "{line:?}");
        }
    }
}
