//! Rules on tables: which cells are headers, of what, and whether the data cells find them.

use super::Audit;
use super::naming::content;
use super::structure::same_text;
use crate::support::html::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Widest row that is laid out: what HTML lets a `colspan` be.
const MAX_COLUMNS: usize = 1_000;

/// Most places of a table that are laid out.
const MAX_PLACES: usize = 200_000;

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    for id in audit.page.document.elements() {
        let page = audit.page;
        if !page.is_exposed(id) {
            continue;
        }
        if page.name(id) != "table"
            && page.written_role(id).is_some_and(|role| matches!(role.name, "table" | "grid" | "treegrid"))
        {
            rows_by_role(audit, id);
        }
        match page.name(id) {
            "table" => table(audit, id),
            "td" | "th" if page.document.has_attr(id, "scope") => scope(audit, id),
            _ => {}
        }
    }
}

fn scope(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let Some(value) = page.attr(id, "scope") else { return };
    if page.name(id) == "td" {
        if !page.document.quirks {
            audit.add_at("scope-attr-valid", id, "scope", "only th takes scope".to_owned());
        }
    } else if !["row", "col", "rowgroup", "colgroup"].iter().any(|known| value.eq_ignore_ascii_case(known)) {
        let shown = octavo_toolkit::limits::excerpt(value);
        audit.add_at("scope-attr-valid", id, "scope", format!("\"{shown}\" is not row, col, rowgroup or colgroup"));
    }
}

struct Grid {
    // Each row's places, with the cell that covers it.
    rows: Vec<Vec<Option<NodeId>>>,
    cells: Vec<NodeId>,
    at: BTreeMap<NodeId, (usize, usize)>,
}

fn rows(audit: &Audit<'_>, table: NodeId) -> Vec<NodeId> {
    let page = audit.page;
    let document = page.document;
    let mut rows: Vec<NodeId> = Vec::new();
    for group in ["thead", "", "tfoot"] {
        for child in document.element_children(table) {
            match (page.name(child), group) {
                ("tr", "") => rows.push(child),
                ("tbody", "") => rows.extend(document.element_children(child).filter(|at| page.name(*at) == "tr")),
                (name, wanted) if name == wanted => {
                    rows.extend(document.element_children(child).filter(|at| page.name(*at) == "tr"));
                }
                _ => {}
            }
        }
    }
    rows
}

fn span(audit: &Audit<'_>, id: NodeId, name: &str) -> Option<usize> {
    audit.page.attr(id, name).and_then(|value| value.trim().parse().ok())
}

fn lay_out(audit: &Audit<'_>, table: NodeId) -> Option<Grid> {
    let page = audit.page;
    let rows = rows(audit, table);
    let count = rows.len();
    let mut grid = Grid { rows: vec![Vec::new(); count], cells: Vec::new(), at: BTreeMap::new() };
    let mut places = 0_usize;
    for (y, row) in rows.into_iter().enumerate() {
        let mut x = 0;
        for cell in page.document.element_children(row).filter(|at| matches!(page.name(*at), "td" | "th")) {
            while grid.rows.get(y).and_then(|row| row.get(x)).is_some_and(Option::is_some) {
                x += 1;
            }
            let wide = span(audit, cell, "colspan").unwrap_or(1).clamp(1, MAX_COLUMNS);
            let high = match span(audit, cell, "rowspan") {
                Some(0) => count - y,
                other => other.unwrap_or(1).clamp(1, count - y),
            };
            places += wide * high;
            if places > MAX_PLACES {
                return None;
            }
            for row in grid.rows.iter_mut().skip(y).take(high) {
                if row.len() < x + wide {
                    row.resize(x + wide, None);
                }
                for place in row.iter_mut().skip(x).take(wide) {
                    place.get_or_insert(cell);
                }
            }
            grid.cells.push(cell);
            grid.at.insert(cell, (x, y));
            x += wide;
        }
    }
    Some(grid)
}

impl Grid {
    fn get(&self, x: usize, y: usize) -> Option<NodeId> {
        self.rows.get(y).and_then(|row| row.get(x)).copied().flatten()
    }
}

// Which ways a header cell heads: down, and along its row.
fn heads(audit: &Audit<'_>, grid: &Grid, id: NodeId) -> (bool, bool) {
    let page = audit.page;
    match page.written_role(id).map(|role| role.name) {
        Some("columnheader") => return (true, false),
        Some("rowheader") => return (false, true),
        _ => {}
    }
    match page.attr(id, "scope").unwrap_or_default().to_ascii_lowercase().as_str() {
        "col" | "colgroup" => return (true, false),
        "row" | "rowgroup" => return (false, true),
        _ => {}
    }
    if page.name(id) != "th" {
        return (false, false);
    }
    let Some((x, y)) = grid.at.get(&id).copied() else { return (false, false) };
    let is_head = |at: Option<NodeId>| at.is_none_or(|at| page.name(at) == "th");
    let row_of_heads = grid.rows.get(y).is_some_and(|row| row.iter().all(|at| is_head(*at)));
    let column_of_heads = (0..grid.rows.len()).all(|y| is_head(grid.get(x, y)));
    match (row_of_heads, column_of_heads) {
        (true, _) => (true, false),
        (false, true) => (false, true),
        (false, false) => (true, true),
    }
}

// A table of data rather than of layout, as far as the source tells.
fn holds_data(audit: &Audit<'_>, id: NodeId, grid: &Grid) -> bool {
    let page = audit.page;
    let document = page.document;
    let written = page.written_role(id).map(|role| role.name);
    if matches!(written, Some("none" | "presentation")) && !page.is_focusable(id) {
        return false;
    }
    if matches!(written, Some("grid" | "treegrid" | "table")) || page.said(id, "summary").is_some() {
        return true;
    }
    if document.element_children(id).any(|at| matches!(page.name(at), "thead" | "tfoot" | "caption" | "colgroup")) {
        return true;
    }
    grid.cells.iter().any(|cell| {
        page.name(*cell) == "th"
            || ["scope", "headers", "abbr"].iter().any(|name| page.said(*cell, name).is_some())
            || page.written_role(*cell).is_some_and(|role| matches!(role.name, "columnheader" | "rowheader"))
    })
}

fn table(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let caption = document.element_children(id).find(|at| page.name(*at) == "caption");
    if let (Some(caption), Some(summary)) = (caption, page.said(id, "summary"))
        && same_text(&document.text_content(caption), summary)
    {
        audit.add("table-duplicate-name", id, "caption and summary say the same".to_owned());
    }
    let role = page.role(id).map(|role| role.name);
    let Some(grid) = lay_out(audit, id) else { return };
    if matches!(role, Some("table" | "grid" | "treegrid")) {
        references(audit, id, &grid);
    }
    if holds_data(audit, id, &grid) {
        header_cells(audit, id, &grid);
        data_cells(audit, id, &grid);
        faked_caption(audit, id, &grid, caption);
    }
}

fn references(audit: &mut Audit<'_>, id: NodeId, grid: &Grid) {
    let page = audit.page;
    let known: BTreeMap<&str, NodeId> =
        grid.cells.iter().filter_map(|cell| page.said(*cell, "id").map(|id| (id, *cell))).collect();
    for cell in &grid.cells {
        let Some(headers) = page.said(*cell, "headers") else { continue };
        if !page.is_exposed(*cell) {
            continue;
        }
        for word in headers.split_ascii_whitespace() {
            let shown = octavo_toolkit::limits::excerpt(word);
            let message = match known.get(word) {
                Some(header) if header == cell => format!("a cell names itself ({shown}) as its header"),
                None => format!("headers names {shown}, which is no cell of the table"),
                Some(header) => match page.role(*header).map(|role| role.name) {
                    Some("columnheader" | "rowheader") => continue,
                    _ => format!("headers names {shown}, which is no header cell"),
                },
            };
            audit.add("td-headers-attr", id, message);
            return;
        }
    }
}

fn header_cells(audit: &mut Audit<'_>, id: NodeId, grid: &Grid) {
    let page = audit.page;
    let mut referred: BTreeSet<&str> = BTreeSet::new();
    for cell in &grid.cells {
        for name in ["headers", "aria-labelledby"] {
            referred.extend(page.attr(*cell, name).unwrap_or_default().split_ascii_whitespace());
        }
    }
    for cell in &grid.cells {
        let header = page.name(*cell) == "th" && page.written_role(*cell).is_none()
            || page.written_role(*cell).is_some_and(|role| matches!(role.name, "columnheader" | "rowheader"));
        if !header
            || content(page, *cell).is_missing()
            || page.said(*cell, "id").is_some_and(|id| referred.contains(id))
        {
            continue;
        }
        let Some((x, y)) = grid.at.get(cell).copied() else { continue };
        let (down, along) = heads(audit, grid, *cell);
        let wide = span(audit, *cell, "colspan").unwrap_or(1).clamp(1, MAX_COLUMNS);
        let high = span(audit, *cell, "rowspan").unwrap_or(1).clamp(1, grid.rows.len());
        // A cell that names its headers has no others.
        let has_own = |other: Option<NodeId>, by_row: bool| {
            other.is_some_and(|other| {
                let (down, along) = heads(audit, grid, other);
                other != *cell && page.said(other, "headers").is_none() && !(if by_row { along } else { down })
            })
        };
        let below = down && (y + 1..grid.rows.len()).any(|y| (x..x + wide).any(|x| has_own(grid.get(x, y), false)));
        let beside = along
            && (y..y + high).any(|y| {
                let length = grid.rows.get(y).map_or(0, Vec::len);
                (0..length).any(|x| has_own(grid.get(x, y), true))
            });
        if !below && !beside {
            audit.add_review("th-has-data-cells", id, "a header cell of the table heads no cell".to_owned());
            return;
        }
    }
}

// Header cells of a table made of roles: another row must have a cell at their place.
fn rows_by_role(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let rows: Vec<Vec<(NodeId, &str)>> = document
        .descendants(id)
        .filter(|at| page.written_role(*at).is_some_and(|role| role.name == "row"))
        .map(|row| document.element_children(row).map(|cell| (cell, page.role_name(cell))).collect())
        .collect();
    for (y, row) in rows.iter().enumerate() {
        for (x, (_, role)) in row.iter().enumerate() {
            let headed = match *role {
                "columnheader" => {
                    rows.iter().skip(y + 1).any(|other| other.get(x).is_some_and(|(_, role)| *role != "columnheader"))
                }
                "rowheader" => row.iter().any(|(_, role)| matches!(*role, "cell" | "gridcell")),
                _ => true,
            };
            if !headed {
                audit.add_review("th-has-data-cells", id, "a header cell of the table heads no cell".to_owned());
                return;
            }
        }
    }
}

fn data_cells(audit: &mut Audit<'_>, id: NodeId, grid: &Grid) {
    let page = audit.page;
    let large = grid.rows.len() >= 3 && grid.rows.iter().take(3).all(|row| row.len() >= 3);
    if !large {
        return;
    }
    // Columns and rows that have a header anywhere before.
    let mut headed_columns: BTreeSet<usize> = BTreeSet::new();
    for (y, row) in grid.rows.iter().enumerate() {
        let mut headed_row = false;
        for (x, cell) in row.iter().enumerate() {
            let Some(cell) = *cell else { continue };
            let (down, along) = heads(audit, grid, cell);
            if down {
                headed_columns.insert(x);
            }
            headed_row |= along;
            let data = page.name(cell) == "td"
                && page.written_role(cell).is_none_or(|role| matches!(role.name, "cell" | "gridcell"));
            if grid.at.get(&cell) != Some(&(x, y)) || !data || headed_row || headed_columns.contains(&x) {
                continue;
            }
            let named = page.said(cell, "headers").is_some() || page.said(cell, "aria-label").is_some();
            if !named && !content(page, cell).is_missing() {
                audit.add("td-has-header", id, format!("a cell in row {}, column {} has no header", y + 1, x + 1));
                return;
            }
        }
    }
}

fn faked_caption(audit: &mut Audit<'_>, id: NodeId, grid: &Grid, caption: Option<NodeId>) {
    let Some(first) = grid.rows.first() else { return };
    if grid.rows.len() > 1 && first.len() > 1 && caption.is_none() {
        let one = first.first().copied().flatten();
        if one.is_some() && first.iter().all(|cell| *cell == one) {
            audit.add(
                "table-fake-caption",
                id,
                "one cell over the whole width stands where a caption should".to_owned(),
            );
        }
    }
}
