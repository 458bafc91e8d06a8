//! What was measured, for people and for machines.

use std::fmt;

use jiahu_tests::measure::Summary;
use serde::Serialize;

/// Name of the operation that the service's own writes are held against.
pub(crate) const INSERT: &str = "floor insert";

/// Everything of one run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nearest: Option<Nearest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<Vec<Throughput>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<Vec<Day>>,
}

/// The nearest ten.
#[derive(Debug, Serialize)]
pub(crate) struct Nearest {
    /// False when PostGIS is not installed and so was not measured.
    pub(crate) postgis: bool,
    /// Share of the ten nearest that geometry in degrees finds, in the largest table.
    pub(crate) geometry_right: Option<f64>,
    pub(crate) measured: Vec<Measured>,
}

/// One kind of search in one table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) nurses: usize,
    pub(crate) certificate: &'static str,
    pub(crate) search: &'static str,
    /// True for the service's own search.
    pub(crate) ours: bool,
    #[serde(flatten)]
    pub(crate) times: Summary,
}

/// One operation under load.
#[derive(Debug, Serialize)]
pub(crate) struct Throughput {
    pub(crate) database: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) clients: usize,
    pub(crate) per_second: f64,
    pub(crate) errors: usize,
    #[serde(flatten)]
    pub(crate) times: Summary,
}

/// A working day on one database.
#[derive(Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) database: &'static str,
    pub(crate) orders: u64,
    pub(crate) per_second: f64,
    /// What is held against the bare insert.
    pub(crate) writes: Vec<Operation>,
}

/// One operation of the day.
#[derive(Debug, Serialize)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) requests: u64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Nearest {
    /// The other search of the same table and certificate.
    fn beside(&self, one: &Measured, search: &str) -> Option<Summary> {
        let same = |other: &&Measured| {
            (other.nurses, other.certificate, other.search) == (one.nurses, one.certificate, search)
        };
        self.measured.iter().find(same).map(|other| other.times)
    }

    fn write_times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "The nearest ten. Milliseconds; × = share of what PostGIS takes, p50 and p99.\n"
        )?;
        writeln!(
            f,
            "{:>9}  {:<11}  {:<17}  {:>7}  {:>7}  {:>7}  {:>15}  {:>15}",
            "nurses", "certificate", "search", "p50", "p99", "max", "× geography", "× geometry"
        )?;
        for one in &self.measured {
            let Summary {
                p50_ms,
                p99_ms,
                max_ms,
                ..
            } = one.times;
            write!(
                f,
                "{:>9}  {:<11}  {:<17}  {p50_ms:>7.3}  {p99_ms:>7.3}  {max_ms:>7.2}",
                one.nurses, one.certificate, one.search
            )?;
            for search in ["PostGIS geography", "PostGIS geometry"] {
                let share = self.beside(one, search).filter(|_| one.ours).map(|other| {
                    format!(
                        "{:.2} / {:.2}",
                        p50_ms / other.p50_ms,
                        p99_ms / other.p99_ms
                    )
                });
                write!(f, "  {:>15}", share.unwrap_or_default())?;
            }
            writeln!(f)?;
        }
        if let Some(right) = self.geometry_right {
            let percent = right * 100.0;
            writeln!(
                f,
                "\nGeometry measures in degrees: {percent:.0} % of its ten are among the nearest ten."
            )?;
        }
        if !self.postgis {
            writeln!(
                f,
                "\nPostGIS was not measured: this server does not offer it (Debian: postgresql-15-postgis-3, \
                 or --install-postgis)."
            )?;
        }
        Ok(())
    }

    fn write_flatness(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(fewest), Some(most)) = (
            self.measured.iter().map(|one| one.nurses).min(),
            self.measured.iter().map(|one| one.nurses).max(),
        ) else {
            return Ok(());
        };
        writeln!(f, "\nGrowth from {fewest} to {most} nurses, p50 and p99.\n")?;
        for one in self.measured.iter().filter(|one| one.nurses == most) {
            let small = Measured {
                nurses: fewest,
                ..one.clone()
            };
            let Some(small) = self.beside(&small, one.search) else {
                continue;
            };
            writeln!(
                f,
                "{:<11}  {:<17}  {:>5.2} / {:.2}",
                one.certificate,
                one.search,
                one.times.p50_ms / small.p50_ms,
                one.times.p99_ms / small.p99_ms
            )?;
        }
        Ok(())
    }
}

fn write_floor(f: &mut fmt::Formatter<'_>, lines: &[Throughput]) -> fmt::Result {
    writeln!(
        f,
        "\nThe floor: one read or insert a request, through axum and sqlx alone. Milliseconds.\n"
    )?;
    writeln!(
        f,
        "{:<11}  {:<17}  {:>7}  {:>10}  {:>7}  {:>7}  {:>7}  {:>6}",
        "database", "operation", "clients", "requests/s", "p50", "p99", "max", "errors"
    )?;
    for line in lines {
        let Summary {
            p50_ms,
            p99_ms,
            max_ms,
            ..
        } = line.times;
        writeln!(
            f,
            "{:<11}  {:<17}  {:>7}  {:>10.0}  {p50_ms:>7.2}  {p99_ms:>7.2}  {max_ms:>7.1}  {:>6}",
            line.database, line.operation, line.clients, line.per_second, line.errors
        )?;
    }
    Ok(())
}

fn write_day(f: &mut fmt::Formatter<'_>, days: &[Day], floor: &[Throughput]) -> fmt::Result {
    writeln!(
        f,
        "\nA county's working day. Milliseconds; × = times the floor's insert, p50 and p99.\n"
    )?;
    writeln!(
        f,
        "{:<11}  {:>6}  {:>10}  {:<9}  {:>8}  {:>7}  {:>7}  {:>13}",
        "database", "orders", "requests/s", "operation", "requests", "p50", "p99", "× insert"
    )?;
    for day in days {
        let insert = floor
            .iter()
            .find(|line| line.database == day.database && line.operation == INSERT);
        for one in &day.writes {
            let share = insert.map(|Throughput { times, .. }| {
                format!(
                    "{:.2} / {:.2}",
                    one.p50_ms / times.p50_ms,
                    one.p99_ms / times.p99_ms
                )
            });
            writeln!(
                f,
                "{:<11}  {:>6}  {:>10.0}  {:<9}  {:>8}  {:>7.2}  {:>7.2}  {:>13}",
                day.database,
                day.orders,
                day.per_second,
                one.name,
                one.requests,
                one.p50_ms,
                one.p99_ms,
                share.unwrap_or_default()
            )?;
        }
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nearest) = &self.nearest {
            nearest.write_times(f)?;
            nearest.write_flatness(f)?;
        }
        if let Some(floor) = &self.floor {
            write_floor(f, floor)?;
        }
        if let Some(days) = &self.day {
            write_day(f, days, self.floor.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }
}
