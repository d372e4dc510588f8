//! What has to be known of all function bodies before one of them is written.

use crate::error::Result;
use crate::module::Module;
use std::collections::BTreeSet;
use wasmparser::Operator;

#[derive(Default)]
pub struct Scan {
    /// Tables that some instruction may change.
    pub written_tables: BTreeSet<u32>,
    /// Tables that some instruction uses otherwise than for an indirect call.
    pub read_tables: BTreeSet<u32>,
    /// Memories that some instruction grows.
    pub grown_memories: BTreeSet<u32>,
    /// By function index; nothing is known of imported ones.
    pub functions: Vec<FunctionScan>,
}

#[derive(Default, Clone)]
pub struct FunctionScan {
    /// It calls nothing, so its own frame is all the stack it takes.
    pub leaf: bool,
    pub tail_calls: Vec<TailCall>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TailCall {
    Function(u32),
    /// Any function of the type with this index.
    Type(u32),
}

/// # Errors
///
/// Of a validated module none is expected.
pub fn scan(module: &Module<'_>) -> Result<Scan> {
    let mut scan = Scan::default();
    for function in &module.functions {
        let mut found = FunctionScan { leaf: true, tail_calls: Vec::new() };
        if let Some(body) = &function.body {
            for operator in body.get_operators_reader()? {
                scan.operator(&operator?, &mut found);
            }
        }
        scan.functions.push(found);
    }
    Ok(scan)
}

impl Scan {
    fn operator(&mut self, operator: &Operator<'_>, found: &mut FunctionScan) {
        match *operator {
            Operator::Call { .. } | Operator::CallIndirect { .. } => found.leaf = false,
            Operator::ReturnCall { function_index } => {
                found.leaf = false;
                found.tail_calls.push(TailCall::Function(function_index));
            }
            Operator::ReturnCallIndirect { type_index, .. } => {
                found.leaf = false;
                found.tail_calls.push(TailCall::Type(type_index));
            }
            Operator::TableSet { table }
            | Operator::TableGrow { table }
            | Operator::TableFill { table }
            | Operator::TableInit { table, .. } => {
                self.written_tables.insert(table);
            }
            Operator::TableCopy { dst_table, src_table } => {
                self.written_tables.insert(dst_table);
                self.read_tables.insert(src_table);
            }
            Operator::TableGet { table } | Operator::TableSize { table } => {
                self.read_tables.insert(table);
            }
            Operator::MemoryGrow { mem } => {
                self.grown_memories.insert(mem);
            }
            _ => {}
        }
    }
}
