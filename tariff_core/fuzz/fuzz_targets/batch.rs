//! Rows of any numbers: never a panic, and a row alone is what it is among others.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tariff_core_fuzz::batch(bytes));
