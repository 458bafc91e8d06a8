//! Text as Chinese keyboards send it.

/// Full-width forms (１２３ＡＢＣ－) become ASCII and the ideographic space becomes a space.
pub(super) fn fold_width(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| match c {
        '\u{3000}' => ' ',
        // The full-width block mirrors ASCII 0x21..=0x7E in the same order.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFF01 + 0x21).unwrap_or(c),
        other => other,
    })
}

/// Characters that show nothing or turn the reading direction: a way to make two equal-looking
/// texts differ.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_becomes_ascii_and_the_rest_stays() {
        assert_eq!(
            fold_width("１３８－Ｘ～！　张·𠮷").collect::<String>(),
            "138-X~! 张·𠮷"
        );
    }

    #[test]
    fn invisible_characters_are_known() {
        assert!("\u{200B}\u{202E}\u{FEFF}\u{2069}".chars().all(is_invisible));
        assert!(!"张 ·a𠮷".chars().any(is_invisible));
    }
}
