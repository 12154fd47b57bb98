//! Tracking codes: made from the request's id and the installation's secret, so a retry gives the same one and none is
//! kept.

use hmac::{Hmac, KeyInit as _, Mac as _};
use parvis_kernel::{RequestId, TenantId, tracking_code};
use sha2::Sha256;

/// Makes and checks codes.
#[derive(Clone)]
pub struct TrackingCodes(Hmac<Sha256>);

/// A request's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingCode {
    /// As shown: `K7R-2MQ-9XB-4TD`.
    pub shown: String,
    /// SHA-256 of the normalised code, hexadecimal: what others check one by.
    pub sha256: String,
}

impl TrackingCodes {
    /// From the installation's secret.
    pub fn new(secret: &[u8; 32]) -> parvis_kernel::Result<Self> {
        Hmac::new_from_slice(secret).map(Self).map_err(parvis_kernel::Error::internal)
    }

    /// The code of a request.
    pub fn of(&self, tenant: &TenantId, request: RequestId) -> TrackingCode {
        let code = self.normalized(tenant, request);
        TrackingCode { shown: tracking_code::format(&code), sha256: tracking_code::sha256(&code) }
    }

    /// Whether `typed` is the code of a request. Takes the same time whatever is wrong.
    pub fn opens(&self, tenant: &TenantId, request: RequestId, typed: &str) -> bool {
        tracking_code::opens(typed, &tracking_code::sha256(&self.normalized(tenant, request)))
    }

    fn normalized(&self, tenant: &TenantId, request: RequestId) -> String {
        let mut mac = self.0.clone();
        mac.update(tenant.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(request.0.as_bytes());
        tracking_code::from_digest(&mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_its_request_and_no_other() {
        let codes = TrackingCodes::new(&[7; 32]).unwrap();
        let (one, two) = (TenantId::parse("clairval").unwrap(), TenantId::parse("petit-ormeau").unwrap());
        let request = RequestId::new();
        let code = codes.of(&one, request);
        assert_eq!(codes.of(&one, request), code);
        assert!(codes.opens(&one, request, &code.shown));
        assert!(codes.opens(&one, request, &code.shown.to_lowercase().replace('-', " ")));
        assert!(!codes.opens(&two, request, &code.shown));
        assert!(!codes.opens(&one, RequestId::new(), &code.shown));
        assert!(!codes.opens(&one, request, ""));
        let elsewhere = TrackingCodes::new(&[8; 32]).unwrap();
        assert!(!elsewhere.opens(&one, request, &code.shown));
        assert_eq!(code.sha256, tracking_code::sha256(&code.shown));
    }
}
