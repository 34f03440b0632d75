//! Taxes: each component has its own VAT rate, and a tariff says whether prices contain it.

use crate::error::Refusal;
use crate::policy::{MissingVat, Policy};
use crate::tariff::{Tariff, TaxIncluded};
use crate::units::{Amount, Ratio, VatRate};

/// A cost before and after taxes.
#[derive(Clone, Copy, Debug)]
pub struct Taxed {
    /// Before taxes.
    pub before: Ratio,
    /// After taxes.
    pub after: Ratio,
    /// The VAT rate, if one is known.
    pub rate: Option<VatRate>,
    /// Which of the two is not known: the amount before or after an unknown tax is given as if
    /// that tax were zero.
    pub unknown: Unknown,
}

/// Which side of a tax of unknown rate cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Both sides are known.
    Nothing,
    /// The price is without taxes and the taxes are not known.
    After,
    /// The price contains taxes that are not known.
    Before,
}

impl Taxed {
    /// No money, without taxes.
    pub const ZERO: Taxed =
        Taxed { before: Ratio::ZERO, after: Ratio::ZERO, rate: None, unknown: Unknown::Nothing };

    /// The tax.
    ///
    /// # Errors
    /// `AmountOverflow` when it does not fit.
    pub fn tax(&self) -> Result<Ratio, Refusal> {
        self.after.minus(self.before)
    }
}

/// The cost at the price of a component, before and after its tax.
///
/// # Errors
/// `AmountOverflow` when it does not fit.
pub fn apply(
    cost: Amount,
    vat: Option<VatRate>,
    tariff: &Tariff,
    policy: &Policy,
) -> Result<Taxed, Refusal> {
    let plain = Taxed { before: cost.ratio(), after: cost.ratio(), ..Taxed::ZERO };
    if tariff.tax_included == TaxIncluded::NotApplicable {
        return Ok(plain);
    }
    let Some(rate) = vat else {
        let unknown = if cost == Amount::ZERO {
            // Any tax on nothing is nothing.
            Unknown::Nothing
        } else {
            without_rate(tariff.tax_included, policy.missing_vat)
        };
        return Ok(Taxed { unknown, ..plain });
    };
    Ok(match tariff.tax_included {
        TaxIncluded::Yes => Taxed { before: cost.without_tax(rate)?, rate: Some(rate), ..plain },
        TaxIncluded::No | TaxIncluded::Unstated | TaxIncluded::NotApplicable => {
            Taxed { after: cost.with_tax(rate)?, rate: Some(rate), ..plain }
        }
    })
}

fn without_rate(tax_included: TaxIncluded, policy: MissingVat) -> Unknown {
    match (policy, tax_included) {
        (MissingVat::Zero, _)
        | (_, TaxIncluded::NotApplicable)
        | (MissingVat::ByVersion, TaxIncluded::Unstated) => Unknown::Nothing,
        (MissingVat::Unknown, TaxIncluded::Unstated) | (_, TaxIncluded::No) => Unknown::After,
        (_, TaxIncluded::Yes) => Unknown::Before,
    }
}
