//! Countries with a single time zone, for documents that name the country but not the zone.

/// ISO 3166-1 alpha-2 and alpha-3 code, and the only time zone of the country.
const SINGLE_ZONE: &[(&str, &str, &str)] = &[
    ("AD", "AND", "Europe/Andorra"),
    ("AE", "ARE", "Asia/Dubai"),
    ("AL", "ALB", "Europe/Tirane"),
    ("AM", "ARM", "Asia/Yerevan"),
    ("AT", "AUT", "Europe/Vienna"),
    ("AZ", "AZE", "Asia/Baku"),
    ("BA", "BIH", "Europe/Sarajevo"),
    ("BE", "BEL", "Europe/Brussels"),
    ("BG", "BGR", "Europe/Sofia"),
    ("BH", "BHR", "Asia/Bahrain"),
    ("CH", "CHE", "Europe/Zurich"),
    ("CO", "COL", "America/Bogota"),
    ("CR", "CRI", "America/Costa_Rica"),
    ("CZ", "CZE", "Europe/Prague"),
    ("DE", "DEU", "Europe/Berlin"),
    ("DK", "DNK", "Europe/Copenhagen"),
    ("EE", "EST", "Europe/Tallinn"),
    ("EG", "EGY", "Africa/Cairo"),
    ("FI", "FIN", "Europe/Helsinki"),
    ("FR", "FRA", "Europe/Paris"),
    ("GB", "GBR", "Europe/London"),
    ("GE", "GEO", "Asia/Tbilisi"),
    ("GI", "GIB", "Europe/Gibraltar"),
    ("GR", "GRC", "Europe/Athens"),
    ("HK", "HKG", "Asia/Hong_Kong"),
    ("HR", "HRV", "Europe/Zagreb"),
    ("HU", "HUN", "Europe/Budapest"),
    ("IE", "IRL", "Europe/Dublin"),
    ("IL", "ISR", "Asia/Jerusalem"),
    ("IN", "IND", "Asia/Kolkata"),
    ("IS", "ISL", "Atlantic/Reykjavik"),
    ("IT", "ITA", "Europe/Rome"),
    ("JO", "JOR", "Asia/Amman"),
    ("JP", "JPN", "Asia/Tokyo"),
    ("KR", "KOR", "Asia/Seoul"),
    ("KW", "KWT", "Asia/Kuwait"),
    ("LI", "LIE", "Europe/Vaduz"),
    ("LT", "LTU", "Europe/Vilnius"),
    ("LU", "LUX", "Europe/Luxembourg"),
    ("LV", "LVA", "Europe/Riga"),
    ("MA", "MAR", "Africa/Casablanca"),
    ("MC", "MCO", "Europe/Monaco"),
    ("MD", "MDA", "Europe/Chisinau"),
    ("ME", "MNE", "Europe/Podgorica"),
    ("MK", "MKD", "Europe/Skopje"),
    ("MT", "MLT", "Europe/Malta"),
    ("NL", "NLD", "Europe/Amsterdam"),
    ("NO", "NOR", "Europe/Oslo"),
    ("OM", "OMN", "Asia/Muscat"),
    ("PL", "POL", "Europe/Warsaw"),
    ("QA", "QAT", "Asia/Qatar"),
    ("RO", "ROU", "Europe/Bucharest"),
    ("RS", "SRB", "Europe/Belgrade"),
    ("SA", "SAU", "Asia/Riyadh"),
    ("SE", "SWE", "Europe/Stockholm"),
    ("SG", "SGP", "Asia/Singapore"),
    ("SI", "SVN", "Europe/Ljubljana"),
    ("SK", "SVK", "Europe/Bratislava"),
    ("SM", "SMR", "Europe/San_Marino"),
    ("TH", "THA", "Asia/Bangkok"),
    ("TN", "TUN", "Africa/Tunis"),
    ("TR", "TUR", "Europe/Istanbul"),
    ("TW", "TWN", "Asia/Taipei"),
    ("UY", "URY", "America/Montevideo"),
    ("VA", "VAT", "Europe/Vatican"),
    ("ZA", "ZAF", "Africa/Johannesburg"),
];

/// The only time zone of a country given by its alpha-2 or alpha-3 code.
///
/// Germany's enclave Büsingen keeps Swiss time, which has been the same since 1980; mainland
/// countries with zones only on far islands (Spain, Portugal) are not in the list.
#[must_use]
pub fn only_time_zone(country: &str) -> Option<&'static str> {
    SINGLE_ZONE
        .iter()
        .find(|row| row.0.eq_ignore_ascii_case(country) || row.1.eq_ignore_ascii_case(country))
        .map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Zone;

    #[test]
    fn every_zone_exists() {
        for row in SINGLE_ZONE {
            assert!(Zone::get(row.2).is_some(), "{}", row.2);
        }
        assert_eq!(only_time_zone("NLD"), Some("Europe/Amsterdam"));
        assert_eq!(only_time_zone("ES"), None);
    }
}
