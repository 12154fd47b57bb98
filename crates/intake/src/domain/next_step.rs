//! One sentence for the citizen: what happens now.

use parvis_kernel::ContactMode;
use parvis_proto::common::ProcedureSnapshot;

use super::procedure::Kind;

/// The sentence, in French.
pub fn sentence(procedure: &ProcedureSnapshot, mode: ContactMode) -> String {
    let (filed, it) = match procedure.kind.parse() {
        Ok(Kind::Declaration) => ("Votre déclaration est enregistrée", "la traiter"),
        Ok(Kind::Complaint) => ("Votre réclamation est enregistrée", "l'examiner"),
        Ok(Kind::Incident) => ("Votre signalement est enregistré", "le prendre en charge"),
        Ok(Kind::Information) => ("Votre question est enregistrée", "l'étudier"),
        Ok(Kind::Request) | Err(()) => ("Votre demande est enregistrée", "l'examiner"),
    };
    let by = match mode {
        ContactMode::Letter => "par courrier",
        ContactMode::Phone => "par téléphone",
        ContactMode::Sms => "par SMS",
        ContactMode::Email => "par courriel",
        ContactMode::Portal => "sur votre page de suivi",
    };
    match procedure.service_level_days {
        0 => format!("{filed} : le service compétent va {it} et vous répondra {by}."),
        1 => format!("{filed} : la collectivité s'engage à vous répondre {by} sous un jour ouvré."),
        days => format!("{filed} : la collectivité s'engage à vous répondre {by} sous {days} jours ouvrés."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_by_when_and_how() {
        let procedure =
            ProcedureSnapshot { kind: "incident".into(), service_level_days: 3, ..ProcedureSnapshot::default() };
        assert_eq!(
            sentence(&procedure, ContactMode::Email),
            "Votre signalement est enregistré : la collectivité s'engage à vous répondre par courriel sous 3 jours ouvrés."
        );
        assert_eq!(
            sentence(&ProcedureSnapshot::default(), ContactMode::Portal),
            "Votre demande est enregistrée : le service compétent va l'examiner et vous répondra sur votre page de suivi."
        );
    }
}
