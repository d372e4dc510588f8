//! Expression trees: what the operand stack holds until a statement needs it.

use super::memory::Access;
use crate::go::StackBase;
use crate::types::Type;
use std::cell::Cell;
use std::fmt::Write;

/// An index into [`Tree`]'s nodes.
pub type Id = u32;

/// Every node is a C expression of exactly the C type of its wasm type, so
/// that C's promotions never show.
pub enum Node {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    Null,
    /// `l3`
    Local(u32),
    /// `t3`: assigned once before it is read (block results: once on each way).
    Temporary(u32),
    /// Go's stack pointer at entry and a distance, as the i32 that it is in
    /// wasm, and extended to 64 bits (go/frame.rs).
    Frame(i64),
    FrameWide(i64),
    /// Any primary expression of C: a global, a size, a reference.
    Text(String),
    /// `(a + b)`
    Infix(&'static str, Id, Id),
    /// `(a << (b & 31))`, with the operator, a cast of `a`, and the mask.
    Shift(&'static str, &'static str, &'static str, Id, Id),
    /// `((s32)a < (s32)b)`, an int of C: [`Tree::value`] casts it.
    Compare(&'static str, &'static str, Id, Id),
    /// `(!a)`, likewise an int.
    Not(Id),
    /// `(u32)(s32)(s8)a`
    Cast(&'static str, Id),
    /// `f(a)` and `f(a, b)`
    Call1(&'static str, Id),
    Call2(&'static str, Id, Id),
    /// `(c ? a : b)`
    Select(Id, Id, Id),
    /// A load: the cast of its value, the type in memory, the place.
    Load(&'static str, &'static str, Access),
    /// An element of a table: its type, the table, the index.
    Element(Type, String, Id),
}

/// What evaluating an expression depends on and may do.
#[derive(Clone, Copy)]
pub struct Effects {
    /// Locals it reads, as a filter: bit `index % 64`.
    pub locals: u64,
    /// What it reads that instructions change; see the constants.
    pub reads: u8,
    /// How it may trap.
    pub traps: u8,
    /// Nodes of the tree.
    pub size: u16,
}

pub const READS_MEMORY: u8 = 1;
pub const READS_GLOBALS: u8 = 2;
pub const READS_TABLES: u8 = 4;

/// Traps of one class are one code, so their order among each other cannot be
/// seen. Division has two codes and thus is never in order with itself.
pub const TRAPS_MEMORY: u8 = 1;
pub const TRAPS_DIVISION: u8 = 2;
pub const TRAPS_CONVERSION: u8 = 4;
pub const TRAPS_TABLE: u8 = 8;

impl Effects {
    /// Of a node alone that depends on nothing and cannot trap.
    pub const NODE: Effects = Effects { locals: 0, reads: 0, traps: 0, size: 1 };

    pub fn and(self, other: Effects) -> Effects {
        Effects {
            locals: self.locals | other.locals,
            reads: self.reads | other.reads,
            traps: self.traps | other.traps,
            size: self.size.saturating_add(other.size),
        }
    }

    /// Nothing that happens changes its value.
    pub fn is_fixed(self) -> bool {
        self.locals == 0 && self.reads == 0 && self.traps == 0
    }

    /// Whether `self`, the earlier one, and `later` may be evaluated in either
    /// order.
    pub fn commutes_with(self, later: Effects) -> bool {
        let one_class =
            |traps: u8| traps & (TRAPS_MEMORY | TRAPS_TABLE) == traps && traps.count_ones() == 1;
        self.traps == 0 || later.traps == 0 || (self.traps == later.traps && one_class(self.traps))
    }
}

#[derive(Default)]
pub struct Tree {
    nodes: Vec<Node>,
    pub stack_base: StackBase,
    /// Some [`Node::Frame`] was written as a value.
    escaped: Cell<bool>,
    /// So was local 0.
    first_local: Cell<bool>,
}

impl Tree {
    /// A place in the frame of a function of Go, as a pointer.
    pub fn frame_pointer(&self, delta: i64) -> String {
        match delta {
            0 => "sp".to_string(),
            1.. => format!("sp + {delta}"),
            _ => format!("sp - {}", delta.unsigned_abs()),
        }
    }

    /// The same as 64 bits of wasm.
    pub fn frame_number(&self, delta: i64) -> String {
        format!("({})", self.stack_base.number(&self.frame_pointer(delta)))
    }

    pub fn has_escaped_frame(&self) -> bool {
        self.escaped.get()
    }

    pub fn has_read_first_local(&self) -> bool {
        self.first_local.get()
    }

    pub fn add(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        self.nodes.len() as Id - 1
    }

    pub fn get(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn reads_local(&self, id: Id, local: u32) -> bool {
        match self.get(id) {
            Node::Local(index) => *index == local,
            Node::Not(a) | Node::Cast(_, a) | Node::Call1(_, a) | Node::Element(_, _, a) => {
                self.reads_local(*a, local)
            }
            Node::Infix(_, a, b)
            | Node::Shift(_, _, _, a, b)
            | Node::Compare(_, _, a, b)
            | Node::Call2(_, a, b) => self.reads_local(*a, local) || self.reads_local(*b, local),
            Node::Select(c, a, b) => [c, a, b].into_iter().any(|id| self.reads_local(*id, local)),
            Node::Load(_, _, access) => self.reads_local(access.index, local),
            _ => false,
        }
    }

    /// The expression alone.
    pub fn text(&self, id: Id) -> String {
        let mut text = String::new();
        self.value(id, &mut text);
        text
    }

    /// Writes the expression as a value of its type.
    pub fn value(&self, id: Id, out: &mut String) {
        match self.get(id) {
            Node::Compare(..) | Node::Not(_) => {
                out.push_str("(u32)");
                self.condition(id, out);
            }
            Node::I32(value) => drop(write!(out, "{value}u")),
            Node::I64(value) => drop(write!(out, "{value}ull")),
            Node::F32(bits) => drop(write!(out, "f32_bits({bits:#x}u)")),
            Node::F64(bits) => drop(write!(out, "f64_bits({bits:#x}ull)")),
            Node::Null => out.push_str("NULL"),
            Node::Local(index) => {
                self.first_local.set(self.first_local.get() || *index == 0);
                let _ = write!(out, "l{index}");
            }
            Node::Frame(delta) => {
                self.escaped.set(true);
                let _ = write!(out, "(u32){}", self.frame_number(*delta));
            }
            Node::FrameWide(delta) => {
                self.escaped.set(true);
                out.push_str(&self.frame_number(*delta));
            }
            Node::Temporary(index) => drop(write!(out, "t{index}")),
            Node::Text(text) => out.push_str(text),
            Node::Infix(operator, a, b) => self.infix(operator, "", (*a, *b), out),
            Node::Shift(operator, cast, mask, a, b) => {
                self.shift(operator, cast, mask, (*a, *b), out)
            }
            Node::Cast(cast, a) => {
                out.push_str(cast);
                self.value(*a, out);
            }
            Node::Call1(function, a) => {
                out.push_str(function);
                out.push('(');
                self.value(*a, out);
                out.push(')');
            }
            Node::Call2(function, a, b) => {
                out.push_str(function);
                self.infix(", ", "", (*a, *b), out);
            }
            Node::Select(c, a, b) => {
                out.push('(');
                self.condition(*c, out);
                out.push_str(" ? ");
                self.value(*a, out);
                out.push_str(" : ");
                self.value(*b, out);
                out.push(')');
            }
            Node::Load(cast, ty, access) => self.load(cast, ty, access, out),
            Node::Element(ty, table, index) => {
                let _ = write!(out, "({})wasrisc_table_get(&{table}, ", ty.c());
                self.value(*index, out);
                out.push(')');
            }
        }
    }

    /// In parentheses, both operands cast.
    fn infix(&self, operator: &str, cast: &str, (a, b): (Id, Id), out: &mut String) {
        out.push('(');
        out.push_str(cast);
        self.value(a, out);
        out.push_str(operator);
        out.push_str(cast);
        self.value(b, out);
        out.push(')');
    }

    fn load(&self, cast: &str, ty: &str, access: &Access, out: &mut String) {
        if access.kept {
            return self.kept_load(cast, ty, access, out);
        }
        let _ = write!(out, "{cast}LOAD({ty}, ");
        access.address(self, out);
        out.push(')');
    }

    /// A float is loaded by its bits, which is what the macro keeps.
    fn kept_load(&self, cast: &str, ty: &str, access: &Access, out: &mut String) {
        let (open, bits, close) = match ty {
            "f32" => ("f32_bits(", "u32", ")"),
            "f64" => ("f64_bits(", "u64", ")"),
            _ => ("", ty, ""),
        };
        let to = match cast.trim_matches(['(', ')']) {
            "" => bits,
            to => to,
        };
        let _ = write!(out, "{open}LOAD_KEPT({to}, {bits}, ");
        access.address(self, out);
        out.push(')');
        out.push_str(close);
    }

    /// The result of a signed shift is cast back to the unsigned type.
    fn shift(&self, operator: &str, cast: &str, mask: &str, (a, b): (Id, Id), out: &mut String) {
        let signed = !cast.is_empty();
        if signed {
            out.push_str(if mask == "31" { "(u32)" } else { "(u64)" });
        }
        out.push('(');
        out.push_str(cast);
        self.value(a, out);
        out.push_str(operator);
        match self.get(b) {
            Node::I32(count) if mask == "31" => drop(write!(out, "{}", count & 31)),
            Node::I64(count) => drop(write!(out, "{}", count & 63)),
            _ => {
                out.push('(');
                self.value(b, out);
                let _ = write!(out, " & {mask})");
            }
        }
        out.push(')');
    }

    /// Writes the expression for a place that only asks whether it is zero.
    pub fn condition(&self, id: Id, out: &mut String) {
        match self.get(id) {
            Node::Compare(operator, cast, a, b) => self.infix(operator, cast, (*a, *b), out),
            Node::Not(a) => {
                out.push_str("(!");
                self.condition(*a, out);
                out.push(')');
            }
            _ => self.value(id, out),
        }
    }
}
