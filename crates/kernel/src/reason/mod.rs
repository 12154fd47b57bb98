//! Why something is refused, in a form that a machine reads: a stable code and typed parameters.
//!
//! Policy. A [`Reason`] is about one field, a [`Refusal`] about the call as a whole. Both go beside the English message
//! of an error; whoever shows the error to people writes the sentence in their language from the code and the
//! parameters, never from the message. A code, once published, keeps its meaning. A parameter says what is accepted or
//! what stands in the way, never what was sent. What a later version says and this one does not know is no reason: the
//! message remains.

mod param;

use jiff::civil::Date;

use param::Param;
pub use param::{Choices, Expected, Number, Thing, Word};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident $({ $($param:ident: $type:ty),+ })? = $code:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the parameters are said in the variant's own words")]
        pub enum $name { $($(#[$vdoc])* $variant $({ $($param: $type),+ })?),+ }

        impl $name {
            /// Every code.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$variant $({ $($param: _),+ })? => $code),+ }
            }

            /// The parameters, by name.
            pub fn params(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$variant $({ $($param),+ })? => vec![$($((stringify!($param), $param.write())),+)?]),+
                }
            }

            /// The reason of that code, with the parameters that `param` finds; `None` where it is not known here.
            pub fn read<'a>(code: &str, param: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant $({
                        $($param: <$type as Param>::read(param(stringify!($param))?)?),+
                    })?),)+
                    _ => None,
                }
            }

            /// One of each: what a documentation shows.
            pub fn examples() -> Vec<Self> {
                vec![$(Self::$variant $({ $($param: <$type as Param>::example(stringify!($param))),+ })?),+]
            }
        }
    };
}

coded! {
    /// Why one field is refused.
    Reason {
        /// Nothing was given where something is needed.
        Required = "required",
        /// The chosen way to be answered needs it.
        RequiredForMode { mode: Word } = "required_for_contact_mode",
        /// This procedure is not for whoever gives no name.
        NameNeeded = "name_needed",
        /// One of these fields is needed, and only one.
        ExactlyOne { of: Choices } = "exactly_one",
        /// More characters than `most`.
        TooLong { most: u64 } = "too_long",
        /// Fewer characters than `least`.
        TooShort { least: u64 } = "too_short",
        /// Characters outside `least` to `most`.
        Length { least: u64, most: u64 } = "length",
        /// A number under `least`.
        TooSmall { least: Number } = "too_small",
        /// A number over `most`.
        TooLarge { most: Number } = "too_large",
        /// More values than `most`.
        TooMany { most: u64 } = "too_many",
        /// A telephone number of this country has `count` digits.
        DigitCount { count: u64 } = "digit_count",
        /// Not of the shape expected.
        BadFormat { expected: Expected } = "bad_format",
        /// A character that nobody can see or type.
        ControlCharacter = "control_character",
        /// None of the values that may be chosen.
        NotOneOf { choices: Choices } = "not_one_of",
        /// It names nothing that is known here.
        Unknown { thing: Thing } = "unknown",
        /// There is no such field.
        UnknownField = "unknown_field",
        /// The same twice.
        Duplicate = "duplicate",
        /// Somebody else's already.
        Taken = "taken",
        /// A date yet to come.
        InTheFuture = "in_the_future",
        /// A date more than `days` ago.
        TooLongAgo { days: u64 } = "too_long_ago",
        /// A date yet to come is asked for.
        InThePast = "in_the_past",
        /// A date before `first`.
        BeforeDate { first: Date } = "before_date",
        /// A date after `last`.
        AfterDate { last: Date } = "after_date",
        /// A date outside `first` to `last`.
        OutsidePeriod { first: Date, last: Date } = "outside_period",
        /// A period of more than `days`.
        PeriodTooLong { days: u64 } = "period_too_long",
        /// Two dates in the wrong order.
        WrongOrder { other: Word } = "wrong_order",
        /// It cannot be given here, by this caller.
        NotAllowedHere = "not_allowed_here",
        /// It does not go with what another field says.
        ConflictsWith { other: Word } = "conflicts_with",
        /// Not the password in force.
        WrongPassword = "wrong_password",
        /// Not a code of the second factor, or one that was used.
        WrongCode = "wrong_code",
        /// A password that anybody would try.
        GuessablePassword = "guessable_password",
        /// A file without content.
        FileEmpty = "file_empty",
        /// A file of a type that is not taken.
        FileNotAccepted = "file_not_accepted",
        /// A file that is not what its name or its declared type says.
        FileMisnamed = "file_misnamed",
        /// A file that is damaged, locked or not readable.
        FileUnreadable = "file_unreadable",
        /// A file that waits for no request any more.
        FileGone = "file_gone",
        /// A link to where none may lead.
        LinkNotAllowed = "link_not_allowed",
        /// A placeholder that no template knows.
        UnknownPlaceholder { name: Word } = "unknown_placeholder",
        /// A placeholder not closed.
        UnclosedPlaceholder = "unclosed_placeholder",
        /// A routing rule with a mistake: the message says which, in the rule's language.
        RuleMistake = "rule_mistake",
    }
}

coded! {
    /// Why a call as a whole is refused.
    Refusal {
        /// Nothing of that name for this caller.
        NotFound { thing: Thing } = "not_found",
        /// Somebody else changed it since it was read.
        ChangedMeanwhile { thing: Thing } = "changed_meanwhile",
        /// The form is not the procedure's current one.
        FormChanged { current: u64 } = "form_changed",
        /// The key was used for something else.
        KeyReused = "key_reused",
        /// A case in that state does not allow that step.
        StateForbids { state: Word, step: Word } = "state_forbids",
        /// Closed too long ago to be answered.
        ClosedTooLong = "closed_too_long",
        /// No transfer to another body is proposed any more.
        NoTransferProposed = "no_transfer_proposed",
        /// The case is not open.
        CaseNotOpen = "case_not_open",
        /// Only who handles the case may, or who supervises them.
        HandlerOnly = "handler_only",
        /// Only for the units that one supervises.
        SupervisorOnly = "supervisor_only",
        /// Only for oneself.
        SelfOnly = "self_only",
        /// One of these roles is needed.
        RoleNeeded { roles: Choices } = "role_needed",
        /// Only a signed-in agent may.
        AgentOnly = "agent_only",
        /// Only a partner's system may.
        PartnerOnly = "partner_only",
        /// Officials read figures, not cases.
        FiguresOnly = "figures_only",
        /// Nobody is signed in.
        SignInNeeded = "sign_in_needed",
        /// The session is over.
        SessionEnded = "session_ended",
        /// The token cannot be used here.
        TokenRefused = "token_refused",
        /// The login or the password is not right.
        WrongCredentials = "wrong_credentials",
        /// The second factor is needed, and what was given for it is not right.
        WrongCode = "wrong_code",
        /// A code of the second factor is needed beside the password.
        CodeNeeded = "code_needed",
        /// The account has a second factor already.
        SecondFactorSet = "second_factor_set",
        /// A second factor must be set up before anything else.
        SecondFactorFirst = "second_factor_first",
        /// One does not do it to one's own account.
        OwnAccount = "own_account",
        /// There would be no administrator left.
        LastAdministrator = "last_administrator",
        /// The account is closed.
        AccountClosed = "account_closed",
        /// The agent handles it already.
        HandledAlready = "handled_already",
        /// The agent receives no cases.
        ReceivesNoCases = "receives_no_cases",
        /// The agent is absent until that day.
        AgentAbsent { until: Date } = "agent_absent",
        /// The agent is away.
        AgentAway = "agent_away",
        /// The agent has no room left.
        AgentFull = "agent_full",
        /// The offer is over.
        OfferOver = "offer_over",
        /// The directory does not know it.
        NotInDirectory { thing: Thing } = "not_in_directory",
        /// No directory was imported.
        NoDirectory = "no_directory",
        /// Other rules were put in force since the draft was begun.
        RulesChanged = "rules_changed",
        /// The rules have mistakes.
        RulesHaveMistakes = "rules_have_mistakes",
        /// No draft was saved.
        NoDraft = "no_draft",
        /// The article is out of date.
        ArticleOutOfDate = "article_out_of_date",
        /// The latest version is published already.
        PublishedAlready = "published_already",
        /// No version is published.
        NotPublished = "not_published",
        /// The notice is none that a person carries.
        NotCarried = "not_carried",
        /// The notice is none that can be sent again.
        NotSentAgain = "not_sent_again",
        /// Somebody did it already.
        DoneAlready = "done_already",
        /// More bytes than `most`.
        FileTooHeavy { most: u64 } = "file_too_heavy",
        /// Too many files of the town wait for their request.
        TooManyFilesWait = "too_many_files_wait",
        /// No file is taken for now; texts are.
        FilesNotTaken = "files_not_taken",
        /// The upload took too long.
        UploadTooSlow = "upload_too_slow",
        /// More messages than `most` on one request.
        TooManyMessages { most: u64 } = "too_many_messages",
        /// Too many wrong attempts.
        TooManyAttempts = "too_many_attempts",
        /// Too many calls at once.
        Busy = "busy",
    }
}

impl From<Expected> for Reason {
    fn from(expected: Expected) -> Self {
        Self::BadFormat { expected }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn each_reason_is_read_back_from_its_code_and_parameters() {
        for reason in Reason::examples() {
            let params: BTreeMap<_, _> = reason.params().into_iter().collect();
            let read = Reason::read(reason.code(), |name| params.get(name).map(String::as_str));
            assert_eq!(read, Some(reason));
        }
        for refusal in Refusal::examples() {
            let params: BTreeMap<_, _> = refusal.params().into_iter().collect();
            let read = Refusal::read(refusal.code(), |name| params.get(name).map(String::as_str));
            assert_eq!(read, Some(refusal));
        }
    }

    #[test]
    fn codes_are_stable_words_each_its_own() {
        for codes in [Reason::CODES, Refusal::CODES] {
            let distinct: BTreeSet<_> = codes.iter().collect();
            assert_eq!(distinct.len(), codes.len());
            assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
        }
        assert_eq!(Reason::examples().len(), Reason::CODES.len());
    }

    #[test]
    fn what_is_not_known_or_lacks_a_parameter_is_no_reason() {
        assert_eq!(Reason::read("too_wide", |_| Some("3")), None);
        assert_eq!(Reason::read("too_long", |_| None), None);
        assert_eq!(Reason::read("too_long", |_| Some("many")), None);
        assert_eq!(Reason::read("bad_format", |_| Some("poem")), None);
    }
}
