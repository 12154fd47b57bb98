//! What can be done with notices.

mod access;
mod deliver_due;
mod list_failures;
mod list_handovers;
mod list_notices;
mod mark_handed_over;
mod outcome;
mod queue_notices;
mod read_handovers;
mod remove_old_texts;
mod resend_notice;
mod tell_supervisors;
mod view;

pub use deliver_due::Courier;
pub use list_failures::list_failures;
pub use list_handovers::list_handovers;
pub use list_notices::{ListNotices, list_notices};
pub use mark_handed_over::mark_handed_over;
pub use queue_notices::{Request, queue_notices};
pub use read_handovers::{MOST, read_handovers};
pub use resend_notice::resend_notice;
pub use tell_supervisors::tell_supervisors;
pub use view::NoticeView;
