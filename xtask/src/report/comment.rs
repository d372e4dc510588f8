//! The one comment of a pull request: the headline with what changed, and the
//! rest folded away. A pure function of the report and the difference, as
//! report.md is.

use super::changes;
use super::difference::Difference;
use super::format::code;
use super::model::Report;
use super::{render, tables};

/// The first line, by which a workflow finds the comment to update.
pub const MARK: &str = "<!-- wasrisc report -->";

/// The most characters that GitHub takes. Bytes are counted here, which are
/// never fewer.
const LIMIT: usize = 65_536;

const CUT: &str = "\n*Cut to what a comment may hold; the rest is in report.md.*\n";

// GitHub shows a line's end within a comment's paragraph as one: no wrapping.
const LEGEND: &str = "\nDynamic instructions in user mode, M a million. *Single*: one process \
    that does the work once, start-up included; *marginal*: one more run in the same process; \
    *ratio*: to the direct build of the same guest; *noise*: no more than repeated measurements \
    differ by.\n";

/// What may be cut after any line of its body.
struct Block {
    open: String,
    body: String,
    close: &'static str,
}

impl Block {
    fn open(text: String) -> Block {
        Block { open: String::new(), body: text, close: "" }
    }

    fn folded(title: &str, body: String) -> Block {
        let open = format!("\n<details><summary>{title}</summary>\n\n");
        Block { open, body, close: "\n</details>\n" }
    }
}

/// Renders the comment.
pub fn markdown(report: &Report, difference: Option<&Difference>) -> String {
    let verdict = match difference {
        Some(difference) => changes::counts(difference),
        None => "There is no baseline to compare with.".into(),
    };
    let mut blocks = vec![
        Block::open(format!("{MARK}\n## Instructions, directly and through wasm\n\n{verdict}\n\n")),
        Block::open(render::overview(report, difference)),
        Block::open(LEGEND.into()),
    ];
    if let Some(absent) = absent(report) {
        blocks.push(Block::folded("Failed and unavailable", absent));
    }
    let report = &Report::new(report.cells.clone());
    blocks.push(match difference {
        Some(d) => Block::folded("Every cell against the baseline", changes::table(d)),
        None => Block::folded("Phases", tables::phases(report)),
    });
    assemble(&blocks, LIMIT)
}

/// Cells without a number. A reason may hold whatever a guest said: as code it
/// mentions nobody.
fn absent(report: &Report) -> Option<String> {
    let line = |cell: &super::Cell| {
        let reason = cell.reason.as_ref()?;
        Some(format!("- {} {}: {}\n", code(&cell.label()), cell.status, code(reason)))
    };
    let lines: String = report.cells.iter().filter_map(line).collect();
    (!lines.is_empty()).then_some(lines)
}

/// The blocks in order, at most `limit` bytes: what is too much is left out from
/// the first line that does not fit.
fn assemble(blocks: &[Block], limit: usize) -> String {
    let mut text = String::new();
    for block in blocks {
        let around = block.open.len() + block.close.len();
        let room = limit.saturating_sub(text.len() + around + CUT.len());
        if block.body.len() <= room {
            text.extend([&block.open, &block.body, block.close]);
            continue;
        }
        let mut fitting = 0;
        for line in block.body.split_inclusive('\n') {
            if fitting + line.len() > room {
                break;
            }
            fitting += line.len();
        }
        if fitting > 0 {
            text.extend([&block.open, &block.body[..fitting], block.close]);
        }
        text.push_str(CUT);
        break;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_line_and_closed() {
        let blocks = || {
            [
                Block::open("head\n".into()),
                Block::folded("rows", "| ä |\n".repeat(100)),
                Block::folded("never", "x\n".into()),
            ]
        };
        let whole = assemble(&blocks(), 10_000);
        assert!(whole.ends_with("x\n\n</details>\n") && !whole.contains("*Cut"), "{whole}");
        for limit in [CUT.len() + 5, 200, 201, 202, 500, whole.len()] {
            let text = assemble(&blocks(), limit);
            assert!(text.len() <= limit, "{limit}: {}", text.len());
            assert!(text.starts_with("head\n") && text.ends_with(CUT), "{limit}: {text}");
            assert!(!text.contains("never"), "{limit}: {text}");
            let count = |what: &str| text.matches(what).count();
            assert_eq!(count("<details>"), count("</details>"), "{limit}: {text}");
            assert_eq!(count("| ä |\n"), count("ä"), "{limit}: {text}");
        }
    }
}
