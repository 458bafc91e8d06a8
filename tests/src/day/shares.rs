//! How often what happens on a day; each a share from 0 to 1.

use clap::Args;

/// How often what happens.
#[derive(Clone, Copy, Debug, Args)]
pub struct Shares {
    /// Nurses who are without signal for three to five hours and tell what they did afterwards.
    #[arg(long, default_value_t = 0.2, value_parser = share)]
    pub offline: f64,
    /// Requests and answers that are lost when they tell it.
    #[arg(long, default_value_t = 0.3, value_parser = share)]
    pub lost: f64,
    /// Arrivals outside the fence.
    #[arg(long, default_value_t = 0.04, value_parser = share)]
    pub outside: f64,
    /// Arrivals without a fix.
    #[arg(long, default_value_t = 0.03, value_parser = share)]
    pub no_fix: f64,
    /// Visits broken off by a hard answer at the door.
    #[arg(long, default_value_t = 0.03, value_parser = share)]
    pub refused_at_door: f64,
    /// Visits on which the nurse calls for help.
    #[arg(long, default_value_t = 0.02, value_parser = share)]
    pub sos: f64,
    /// Visits that take much longer than planned.
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    pub overdue: f64,
    /// Visits on which something goes wrong, or nearly.
    #[arg(long, default_value_t = 0.03, value_parser = share)]
    pub adverse: f64,
    /// Patients who come out of hospital in the morning, and have to be assessed anew.
    #[arg(long, default_value_t = 0.1, value_parser = share)]
    pub in_hospital: f64,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err("a share is from 0 to 1".to_owned())
    }
}
