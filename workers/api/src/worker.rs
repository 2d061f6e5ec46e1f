//! The platform's side of the worker.

octavo_runtime::tool_worker!(crate::REGISTRY, include_str!("../catalog.digest"));

// What apollo-compiler's hash tables are seeded with. They are indexed or sorted before anything is told, so a constant is
// as good as any, and the same input gives the same bytes.
#[expect(unsafe_code, reason = "the signature that getrandom asks for")]
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    // SAFETY: getrandom hands over a buffer of `len` bytes.
    unsafe { core::ptr::write_bytes(dest, 0x5a, len) };
    Ok(())
}
