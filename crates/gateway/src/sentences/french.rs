//! In French. A sentence says what to do; the field it stands beside is not named again.

use parvis_kernel::{
    ErrorKind, Reason, Refusal, dates,
    reason::{Choices, Expected, Thing},
};

use crate::pages::format::{bytes, plural, state};

/// What is wrong with a field.
pub fn field(name: &str, reason: &Reason) -> String {
    let form = name.starts_with("answers.");
    let said = match reason {
        Reason::Required => needed(name),
        Reason::RequiredForMode { .. } => {
            return format!("{} ou choisissez une autre façon de recevoir la réponse.", contact(name));
        }
        Reason::NameNeeded => "Cette démarche ne peut pas se faire sans nom : dites qui la demande.",
        Reason::ExactlyOne { of } => return format!("Donnez l’un de ces champs, et un seul : {}.", list(of)),
        Reason::TooLong { most } => return format!("Ce texte est trop long : {} au plus.", characters(*most)),
        Reason::TooShort { least } => return format!("C’est trop court : {} au moins.", characters(*least)),
        Reason::Length { least, most } => return format!("Écrivez de {least} à {}.", characters(*most)),
        Reason::TooSmall { least } => return format!("Le nombre doit être au moins {}.", decimal(least.as_str())),
        Reason::TooLarge { most } => return format!("Le nombre doit être au plus {}.", decimal(most.as_str())),
        Reason::TooMany { most: 1 } => "Une seule valeur est possible : n’en gardez qu’une.",
        Reason::TooMany { most } if name.starts_with("attachments") => {
            return format!("Pas plus de {} par demande.", plural(*most, "fichier", "fichiers"));
        }
        Reason::TooMany { most } => return format!("Il y en a trop : {} au plus.", plural(*most, "valeur", "valeurs")),
        Reason::BadFormat { expected } => shape(name, *expected),
        Reason::ControlCharacter => "Ce texte contient un caractère invisible. Effacez-le et retapez-le.",
        Reason::NotOneOf { choices } if form || choices.is_empty() => "Choisissez l’une des réponses proposées.",
        Reason::NotOneOf { choices } => return format!("Choisissez l’une de ces valeurs : {}.", list(choices)),
        Reason::Unknown { thing } => unknown(*thing),
        Reason::UnknownField if form => "Ce formulaire ne pose pas cette question. Rechargez-le et répondez à nouveau.",
        Reason::UnknownField => "Ce champ n’existe pas ici. Retirez-le, ou corrigez son nom.",
        Reason::Duplicate => "C’est indiqué deux fois : n’en gardez qu’une.",
        Reason::Taken => "C’est déjà pris : choisissez autre chose.",
        Reason::DigitCount { count } => {
            return format!("Un numéro de téléphone français a {count} chiffres. Exemple : 06 12 34 56 78.");
        }
        Reason::InThePast => "Cette date est passée. Vérifiez le jour et l’année.",
        Reason::BeforeDate { first } => return format!("Donnez une date à partir du {}.", first.strftime("%d/%m/%Y")),
        Reason::AfterDate { last } => return format!("Donnez une date jusqu’au {}.", last.strftime("%d/%m/%Y")),
        Reason::InTheFuture => "Cette date est dans l’avenir. Vérifiez le jour et l’année.",
        Reason::TooLongAgo { days } => {
            return format!(
                "Cette date est trop ancienne ({} au plus) : vérifiez l’année.",
                plural(*days, "jour", "jours")
            );
        }
        Reason::OutsidePeriod { first, last } => {
            return format!("Donnez une date du {} au {}.", dates::date(*first), dates::date(*last));
        }
        Reason::PeriodTooLong { days } => {
            return format!("Cette période est trop longue : {} au plus.", plural(*days, "jour", "jours"));
        }
        Reason::WrongOrder { other } => {
            return format!(
                "Les dates se contredisent : vérifiez celle-ci et « {other} », la fin vient après le début."
            );
        }
        Reason::NotAllowedHere => "Ce champ ne peut pas être rempli ici : laissez-le vide.",
        Reason::ConflictsWith { other } => {
            return format!("Ce champ ne va pas avec ce que dit « {other} » : laissez-le vide, ou corrigez l’autre.");
        }
        Reason::WrongPassword => "Ce n’est pas votre mot de passe actuel. Tapez-le à nouveau.",
        Reason::WrongCode => "Ce n’est pas le code affiché en ce moment. Attendez le suivant, puis tapez-le.",
        Reason::GuessablePassword => {
            "Ce mot de passe serait vite deviné. Prenez une phrase de plusieurs mots, sans votre nom ni celui de la commune."
        }
        Reason::FileEmpty => "Ce fichier est vide. Choisissez-en un autre.",
        Reason::FileNotAccepted => {
            "Ce fichier n’est pas accepté : envoyez un document PDF, une photo (JPEG, PNG) ou un document bureautique."
        }
        Reason::FileMisnamed => {
            "Ce fichier n’est pas ce que dit son nom. Enregistrez-le au bon format, puis joignez-le."
        }
        Reason::FileUnreadable => {
            "Ce fichier est abîmé, verrouillé, ou contient plus qu’un document. Envoyez un PDF simple."
        }
        Reason::FileGone => "Ce fichier n’est plus disponible. Retirez-le, puis joignez-le à nouveau.",
        Reason::LinkNotAllowed => "Un lien n’est pas permis. Une adresse commence par https://, mailto:, tel: ou /.",
        Reason::UnknownPlaceholder { name } => {
            return format!("Le champ « {name} » entre accolades n’est pas connu. Utilisez l’un de ceux de la liste.");
        }
        Reason::UnclosedPlaceholder => {
            "Un champ entre accolades n’est pas fermé : ajoutez les deux accolades fermantes."
        }
        Reason::RuleMistake => "Cette règle contient une erreur : corrigez-la.",
    };
    said.to_owned()
}

/// What to fill in.
fn needed(field: &str) -> &'static str {
    match field.strip_prefix("content.").unwrap_or(field) {
        "requester.first_name" => "Indiquez le prénom.",
        "requester.last_name" => "Indiquez le nom.",
        "requester.organization_name" => "Indiquez le nom de l’organisme.",
        "requester.contact_mode" => "Choisissez comment recevoir la réponse.",
        "text" => "Écrivez votre message.",
        "message" => "Écrivez le message.",
        "title" => "Écrivez un titre.",
        "summary" => "Écrivez un résumé.",
        "body" => "Écrivez le texte.",
        "theme" => "Choisissez un thème.",
        "grounds" => "Écrivez les motifs : la règle appliquée et les faits. La loi les exige pour un refus.",
        "reason" => "Donnez le motif.",
        "version" | "expected_version" | "expected_revision" => "Donnez la version que vous avez lue.",
        "file" => "Joignez un fichier.",
        "current_password" => "Indiquez votre mot de passe actuel.",
        "channel" => "Dites par où la demande est arrivée : phone, counter, letter ou email.",
        name if name.starts_with("answers.") => "Répondez à cette question.",
        _ => "Ce champ est nécessaire : remplissez-le.",
    }
}

/// Where to answer, without its end.
fn contact(field: &str) -> &'static str {
    match field {
        "requester.email" => "Indiquez une adresse électronique,",
        "requester.phone" => "Indiquez un numéro de téléphone,",
        "requester.postal_address" => "Indiquez une adresse postale,",
        _ => "Remplissez ce champ,",
    }
}

fn shape(field: &str, expected: Expected) -> &'static str {
    let people = ["answers.", "content.", "received_at"].iter().any(|start| field.starts_with(start));
    match expected {
        Expected::Email => {
            "Cette adresse électronique n’est pas juste. Exemple : prenom.nom@exemple.fr, sans accent ni espace avant le @."
        }
        Expected::Phone => "Ce numéro de téléphone n’est pas juste. Exemples : 06 12 34 56 78, +32 470 12 34 56.",
        Expected::Day if people => "Cette date n’existe pas. Vérifiez le jour, le mois et l’année.",
        Expected::Day => "Cette date n’existe pas. Écrivez-la ainsi : 2026-05-31.",
        Expected::Instant => "Ce n’est pas une date avec son heure. Écrivez-la ainsi : 2026-05-31T10:00:00Z.",
        Expected::Number => "Écrivez un nombre en chiffres, par exemple 12.",
        Expected::WholeNumber => "Écrivez un nombre entier positif, par exemple 12.",
        Expected::Boolean if people => "Répondez par oui ou par non.",
        Expected::Boolean => "Donnez true ou false.",
        Expected::Text => "Donnez un texte.",
        Expected::List => "Donnez une liste.",
        Expected::Object => "Donnez un objet JSON.",
        Expected::OneLine => "Écrivez sur une seule ligne.",
        Expected::Code => "Un code a de 2 à 40 lettres minuscules sans accent, chiffres ou tirets.",
        Expected::Id => "Ce n’est pas un identifiant. Reprenez celui qui vous a été donné.",
        Expected::Reference => "Cette référence n’est pas juste : vérifiez-la. Exemple : 412-873-952-K.",
        Expected::PartialDay => {
            "Écrivez une date, ou le mois et l’année, ou l’année seule : 12/03/1954, 03/1954 ou 1954."
        }
        Expected::Organisation => {
            "Ce numéro n’est pas juste. Un SIRET a 14 chiffres, un SIREN 9, un numéro RNA un W et 9 chiffres."
        }
        Expected::Siret => "Ce numéro SIRET n’est pas juste. Il a 14 chiffres ; vérifiez-les.",
        Expected::Language => "Donnez le code d’une langue, par exemple fr ou en.",
        Expected::Url => "L’adresse d’un site commence par https:// et tient sur une ligne.",
        Expected::IdempotencyKey => "Donnez une clé de 1 à 200 caractères ASCII, la même à chaque essai.",
        Expected::Point => "Donnez une position : latitude et longitude, par exemple 47.218371,-1.553621.",
        Expected::PageToken => "Ce jeton n’est pas celui de cette liste : recommencez sans lui.",
        Expected::Version => "Donnez la version que vous avez lue, par exemple \"3\".",
        Expected::MediaType => "Donnez un type de fichier, par exemple application/pdf, ou laissez vide.",
        Expected::FileName => {
            "Ce nom de fichier est vide, trop long, ou contient un caractère invisible. Renommez le fichier."
        }
    }
}

fn unknown(thing: Thing) -> &'static str {
    match thing {
        Thing::Request => "Cette demande n’est pas connue. Vérifiez sa référence.",
        Thing::Case => "Ce dossier n’est pas connu, ou n’est pas parmi les vôtres.",
        Thing::Procedure => "Cette démarche n’existe pas ou n’existe plus : choisissez-la dans la liste.",
        Thing::Attachment => "Ce fichier n’est pas connu. Joignez-le à nouveau.",
        Thing::Document => "Cette démarche ne demande pas ce document : choisissez-en un de sa liste.",
        Thing::Article => "Cet article n’est pas connu.",
        Thing::ArticleVersion => "Cet article n’a pas cette version.",
        Thing::Page => "Cette page n’est pas connue.",
        Thing::Template => "Cette réponse type n’est pas connue, ou n’est pas publiée.",
        Thing::Unit => "Ce service n’est pas dans l’annuaire : choisissez parmi ceux proposés.",
        Thing::Team => "Cette équipe n’est pas dans l’annuaire : choisissez parmi celles proposées.",
        Thing::Agent => "Cet agent n’est pas dans l’annuaire : choisissez parmi ceux proposés.",
        Thing::Offer => "Cette proposition n’est pas connue.",
        Thing::Notice => "Cet avis n’est pas connu.",
        Thing::Partner => "Ce partenaire n’est pas connu.",
        Thing::RuleSet => "Cette version des règles n’est pas connue.",
        Thing::Draft => "Ce brouillon n’est pas connu.",
        Thing::Authority => "Cette collectivité n’est pas connue ici.",
    }
}

/// Why a call as a whole is refused.
pub fn whole(refusal: &Refusal) -> String {
    let said = match refusal {
        Refusal::NotFound { thing } => absent(*thing),
        Refusal::ChangedMeanwhile { thing } => return changed(*thing),
        Refusal::FormChanged { current } => {
            return format!(
                "Ce formulaire vient de changer (version {current}). Relisez-le, vérifiez vos réponses, puis \
                 envoyez à nouveau."
            );
        }
        Refusal::KeyReused => {
            "Un premier envoi est déjà enregistré sous cette clé. Pour en faire un autre, prenez une nouvelle clé."
        }
        Refusal::StateForbids { state: now, step } => {
            return format!(
                "Dans l’état « {} », ce dossier ne peut pas être {}. Relisez-le.",
                state(now.as_str()),
                step_done(step.as_str())
            );
        }
        Refusal::ClosedTooLong => {
            "Cette demande est terminée depuis trop longtemps pour être rouverte. Faites une nouvelle demande."
        }
        Refusal::NoTransferProposed => {
            "Aucune transmission à cet organisme n’est proposée pour ce dossier, ou ne l’est plus. Relisez-le."
        }
        Refusal::CaseNotOpen => "Ce dossier n’est pas ouvert. Rouvrez-le d’abord.",
        Refusal::HandlerOnly => "Cette action est réservée à l’agent chargé du dossier ou à son responsable.",
        Refusal::SupervisorOnly => "Cette action ne porte que sur les services dont vous êtes responsable.",
        Refusal::SelfOnly => {
            "Un dossier de la file peut être pris pour soi ; le confier à d’autres revient au responsable."
        }
        Refusal::RoleNeeded { roles } => {
            return format!("Cette action est réservée à d’autres fonctions que la vôtre ({}).", list(roles));
        }
        Refusal::AgentOnly => "Cette action est réservée à un agent connecté.",
        Refusal::PartnerOnly => "Ce canal est réservé aux logiciels partenaires, avec leur jeton.",
        Refusal::FiguresOnly => "Les élus lisent les chiffres, non les dossiers.",
        Refusal::SignInNeeded => "Connectez-vous d’abord.",
        Refusal::SessionEnded => "Votre session est terminée. Connectez-vous à nouveau.",
        Refusal::TokenRefused => "Ce jeton n’est pas valable ici, ou ne l’est plus. Demandez-en un autre.",
        Refusal::WrongCredentials => "L’identifiant ou le mot de passe n’est pas le bon. Vérifiez les deux.",
        Refusal::WrongCode => "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant, puis tapez-le.",
        Refusal::CodeNeeded => "Ce compte demande aussi un code : donnez celui que l’application affiche.",
        Refusal::SecondFactorSet => {
            "Une seconde vérification est déjà en place. Pour en changer, voyez l’administrateur."
        }
        Refusal::SecondFactorFirst => {
            "Votre collectivité demande une seconde vérification : mettez-la en place avant de continuer."
        }
        Refusal::OwnAccount => "On ne ferme pas son propre compte. Demandez-le à un autre administrateur.",
        Refusal::LastAdministrator => {
            "C’est le dernier administrateur : donnez d’abord cette fonction à une autre personne."
        }
        Refusal::AccountClosed => "Ce compte est fermé. Voyez l’administrateur.",
        Refusal::HandledAlready => "Cette personne est déjà chargée du dossier.",
        Refusal::ReceivesNoCases => "Cette personne ne reçoit pas de dossiers : choisissez quelqu’un d’autre.",
        Refusal::AgentAbsent { until } => {
            return format!(
                "Cette personne est absente jusqu’au {} : choisissez quelqu’un d’autre, ou un service.",
                dates::date(*until)
            );
        }
        Refusal::AgentAway => {
            "Cette personne n’est pas à son poste : choisissez quelqu’un d’autre, ou indiquez qu’elle est présente."
        }
        Refusal::AgentFull => {
            "Cette personne a déjà tous les dossiers qu’elle peut avoir : choisissez quelqu’un d’autre, ou un service."
        }
        Refusal::OfferOver => {
            "Cette proposition est finie : un collègue a le dossier, ou il est retourné dans la file."
        }
        Refusal::NotInDirectory { thing } => unknown(*thing),
        Refusal::NoDirectory => "Aucun annuaire n’est encore importé pour cette collectivité. Voyez l’administrateur.",
        Refusal::RulesChanged => {
            "D’autres règles ont été mises en vigueur depuis le début de ce brouillon. Comparez, puis gardez-le à \
             nouveau."
        }
        Refusal::RulesHaveMistakes => "Ces règles ont des erreurs : corrigez-les d’abord.",
        Refusal::NoDraft => "Il n’y a pas de brouillon : gardez-en un d’abord.",
        Refusal::ArticleOutOfDate => "Cet article n’est plus à jour. Gardez d’abord une nouvelle version.",
        Refusal::PublishedAlready => "La dernière version de cet article est déjà publiée.",
        Refusal::NotPublished => "Aucune version de cet article n’est publiée.",
        Refusal::NotSentAgain => {
            "Cet avis ne peut plus être renvoyé : il n’a pas échoué, ou son texte n’est plus conservé."
        }
        Refusal::NotCarried => "Cet avis n’est pas de ceux qu’une personne remet.",
        Refusal::DoneAlready => "Un collègue l’a déjà fait. Relisez la liste.",
        Refusal::FileTooHeavy { most } => {
            return format!(
                "Ce fichier est trop lourd : {} au plus. Envoyez-le en plusieurs fois ou en moins bonne qualité.",
                bytes(*most)
            );
        }
        Refusal::TooManyFilesWait => {
            "Trop de fichiers attendent leur demande en ce moment. Réessayez plus tard, ou envoyez votre demande sans \
             fichier."
        }
        Refusal::FilesNotTaken => {
            "Les fichiers ne peuvent pas être reçus en ce moment. Envoyez votre demande sans fichier : elle sera prise en \
             compte, et vous pourrez ajouter les fichiers plus tard."
        }
        Refusal::UploadTooSlow => "L’envoi du fichier a pris trop de temps. Recommencez.",
        Refusal::TooManyMessages { most } => {
            return format!(
                "Cette demande a déjà {}, le plus possible. Appelez la mairie.",
                plural(*most, "message", "messages")
            );
        }
        Refusal::TooManyAttempts => {
            "Trop d’essais : ce compte est bloqué pour un moment. Réessayez plus tard, ou voyez l’administrateur."
        }
        Refusal::Busy => "Beaucoup de personnes se servent du service en ce moment. Réessayez dans un instant.",
    };
    said.to_owned()
}

fn absent(thing: Thing) -> &'static str {
    match thing {
        Thing::Request => "Aucune demande n’a cette référence et ce code de suivi. Vérifiez-les.",
        Thing::Case => "Aucun dossier de ce nom n’est parmi les vôtres.",
        Thing::Procedure => "Cette démarche, ou cette version d’elle, n’existe pas. Voyez la liste.",
        Thing::Attachment => "Aucun fichier n’a cet identifiant, ou le code de suivi n’est pas le bon.",
        Thing::Document => "Aucun document n’a ce nom.",
        Thing::Article => "Aucun article n’a cet identifiant dans cette collectivité.",
        Thing::ArticleVersion => "Cet article n’a pas cette version. Voyez son historique.",
        Thing::Page => "Aucune page que vous pouvez lire n’a cette adresse.",
        Thing::Template => "Aucune réponse type publiée n’a ce nom. Voyez la liste.",
        Thing::Unit => "Aucun service n’a ce code dans l’annuaire.",
        Thing::Team => "Aucune équipe n’a ce code dans l’annuaire.",
        Thing::Agent => "Aucun agent n’a ce code dans l’annuaire.",
        Thing::Offer => "Cette proposition n’existe pas, ou ne vous est pas faite.",
        Thing::Notice => "Aucun avis que vous pouvez lire n’a cet identifiant.",
        Thing::Partner => "Aucun partenaire n’a cet identifiant.",
        Thing::RuleSet => "Aucune version des règles n’a ce numéro.",
        Thing::Draft => "Il n’y a aucun brouillon.",
        Thing::Authority => "Aucune collectivité ne répond à ce nom.",
    }
}

fn changed(thing: Thing) -> String {
    let what = match thing {
        Thing::Case | Thing::Request => "ce dossier",
        Thing::Article | Thing::ArticleVersion | Thing::Page => "cet article",
        Thing::Draft | Thing::RuleSet => "ce brouillon",
        _ => "ce que vous aviez sous les yeux",
    };
    format!("Un collègue a modifié {what} entre-temps. Relisez, puis recommencez.")
}

/// What a case cannot be, in a state.
fn step_done(step: &str) -> &'static str {
    match step {
        "start" => "pris en main",
        "message" => "l’objet d’un message",
        "wait" => "mis en attente de l’usager",
        "resume" => "repris",
        "note" => "annoté",
        "receive" => "complété par un message",
        "decide" => "décidé",
        "close" => "clos",
        "reopen" => "rouvert",
        "assign" | "queue" | "confirm" => "confié à quelqu’un",
        _ => "traité ainsi",
    }
}

/// Where no reason is given.
pub fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "Ce qui est envoyé n’est pas accepté.",
        ErrorKind::Unauthenticated => "Connectez-vous, ou demandez un nouveau jeton.",
        ErrorKind::Denied => "Cette action est réservée à d’autres fonctions que la vôtre.",
        ErrorKind::NotFound => "Rien de ce nom n’existe, ou vous ne pouvez pas le lire.",
        ErrorKind::AlreadyExists => "Cela existe déjà avec un autre contenu.",
        ErrorKind::Conflict => "Quelqu’un a fait un changement entre-temps. Relisez, puis recommencez.",
        ErrorKind::FailedPrecondition => "L’état actuel ne le permet pas. Relisez avant de recommencer.",
        ErrorKind::Exhausted => "C’est trop, ou trop souvent. Réessayez plus tard.",
        ErrorKind::Unavailable => "Le service ne répond pas pour le moment. Réessayez dans quelques instants.",
        ErrorKind::Internal => "L’incident est enregistré. Réessayez plus tard.",
    }
}

fn characters(count: u64) -> String {
    plural(count, "caractère", "caractères")
}

fn decimal(number: &str) -> String {
    number.replace('.', ",")
}

fn list(choices: &Choices) -> String {
    choices.iter().collect::<Vec<_>>().join(", ")
}
