//! `parvis deadline`

use clap::{Args, Subcommand};
use jiff::civil::Date;
use parvis_calendar::HolidayZone;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The date of the implicit decision: same day of the month, clamped to the month's end (CRPA L231-1).
    Legal {
        /// Day of reception, as 2026-03-01.
        received: Date,
        /// Months.
        #[arg(long, default_value_t = 2)]
        months: i32,
    },
    /// The day reached after so many working days.
    Working {
        /// Day of reception.
        received: Date,
        /// Working days.
        #[arg(long)]
        days: u32,
        /// metropole, alsace-moselle, mayotte, martinique, guadeloupe, guyane, reunion
        #[arg(long, default_value = "metropole")]
        holidays: HolidayZone,
    },
}

pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Legal { received, months } => {
            println!("{}", parvis_calendar::add_months_clamped(*received, *months));
        }
        Command::Working { received, days, holidays } => {
            println!("{}", parvis_calendar::add_working_days(*received, *days, *holidays));
        }
    }
    Ok(())
}
