//! Compiles the screens with their translations.

fn main() {
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_bundled_translations("lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Element handles are how tests and the demonstration find controls by their labels.
        .with_debug_info(true);
    if let Err(error) = slint_build::compile_with_config("kiosk.slint", configuration) {
        println!("cargo::error={error}");
    }
    println!("cargo::rerun-if-changed=lang");
}
