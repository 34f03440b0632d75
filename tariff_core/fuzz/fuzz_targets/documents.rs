//! Any bytes as documents: never a panic, a hang or an answer that is not JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tariff_core_fuzz::documents(bytes));
