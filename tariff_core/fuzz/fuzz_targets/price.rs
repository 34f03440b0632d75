//! A CDR, tariffs and policies: never a panic, and as a line of many the same total.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tariff_core_fuzz::price(bytes));
