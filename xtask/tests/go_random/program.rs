//! A program of Go from a seed.

use super::random::Random;
use super::types::{Type, Types, INT64};
use super::writer::{digest, digest_function, Function, Variable, Writer};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Of a program, besides those of `support.go`.
pub struct Size {
    pub functions: usize,
    /// Calls until a function that `main` calls only comes back.
    pub fuel: u32,
}

/// How far statements are nested.
const DEPTH: u32 = 3;

const STRUCTS: usize = 9;

/// Of the functions, one in so many is without a state.
const PURE: usize = 5;

struct Program {
    random: Random,
    types: Types,
    functions: Vec<Function>,
    pure: usize,
    text: String,
    digests: BTreeSet<Type>,
}

/// The program's own file, beside `support.go`.
pub fn program(seed: u64, size: &Size) -> String {
    let mut random = Random::new(seed);
    let types = Types::new(&mut random, STRUCTS);
    let mut program = Program {
        functions: Vec::new(),
        pure: size.functions.div_ceil(PURE),
        text: String::new(),
        digests: BTreeSet::new(),
        random,
        types,
    };
    for number in 0..size.functions {
        let function = program.signature(number);
        program.functions.push(function);
    }
    program.declarations(seed, size.fuel);
    for number in 0..size.functions {
        program.function(number);
    }
    for number in 0..STRUCTS {
        program.methods(number);
    }
    program.main();
    program.digest_functions();
    program.text
}

impl Program {
    fn signature(&mut self, number: usize) -> Function {
        let pure = number < self.pure;
        let random = &mut self.random;
        let (parameters, results) = match pure {
            true => {
                let mut parameters = vec![INT64];
                parameters.extend((0..random.below(4)).map(|_| self.types.scalar(random)));
                (parameters, vec![self.types.scalar(random)])
            }
            false => {
                let parameters = (0..random.below(6)).map(|_| self.types.any(random)).collect();
                (parameters, (0..random.below(4)).map(|_| self.types.any(random)).collect())
            }
        };
        Function { name: format!("f{number}"), parameters, results, pure }
    }

    fn declarations(&mut self, seed: u64, fuel: u32) {
        let text = &mut self.text;
        let _ = write!(
            text,
            "// Of seed {seed}.\npackage main\n\nimport (\n\"math\"\n\"math/bits\"\n\"runtime\"\n\"sync\"\n)\n\n\
             const fuel = {fuel}\n\n\
             var (\n_ = math.Abs\n_ = bits.Len\n_ = runtime.GC\n_ sync.Mutex\n)\n\n\
             type shape interface {{\narea(s *state, x int64) int64\nturn(s *state, n int32) shape\n}}\n\n"
        );
        for (number, of) in self.types.structs.iter().enumerate() {
            let _ = writeln!(text, "type t{number} struct {{");
            for (i, field) in of.fields.iter().enumerate() {
                let _ = writeln!(text, "f{i} {field}");
            }
            text.push_str("}\n\n");
        }
    }

    /// Writes a body; `number` is what it has for a number.
    fn write(
        &mut self,
        scope: Vec<Variable>,
        results: &[Type],
        number: &'static str,
        body: impl FnOnce(&mut Writer<'_>),
    ) {
        let pure = number == "n";
        let mut writer = Writer {
            random: Random::new(self.random.next()),
            types: &self.types,
            functions: &self.functions,
            // They would call each other without an end.
            pure_callees: if pure { 0 } else { self.pure },
            scope,
            number,
            text: String::new(),
            results: results.to_vec(),
            named: !pure && !results.is_empty(),
            loops: 0,
            careful: false,
            simple: false,
            left: 0,
            names: 0,
            digests: BTreeSet::new(),
        };
        writer.left = writer.random.of(&[4, 8, 12, 20, 30]);
        writer.simple = pure && writer.random.below(2) == 0;
        body(&mut writer);
        let Writer { text, digests, .. } = writer;
        self.text.push_str(&text);
        self.digests.extend(digests);
    }

    fn function(&mut self, number: usize) {
        let Function { name, parameters, results, pure } = self.functions[number].clone();
        let mut scope = Vec::new();
        for (i, ty) in parameters.iter().enumerate() {
            let name = if pure && i == 0 { "n".to_string() } else { format!("a{i}") };
            scope.push(Variable { name, ty: ty.clone(), fixed: false });
        }
        let mut list: Vec<String> =
            scope.iter().map(|variable| format!("{} {}", variable.name, variable.ty)).collect();
        if !pure {
            list.insert(0, "s *state".to_string());
        }
        let inline = if self.random.below(2) == 0 { "//go:noinline\n" } else { "" };
        let _ = write!(self.text, "{inline}func {name}({})", list.join(", "));
        if pure {
            let _ = writeln!(self.text, " {} {{", results[0]);
            let body = if number.is_multiple_of(2) { pure_body } else { leaf_body };
            self.write(scope, &results, "n", body);
        } else {
            let named = results.iter().enumerate();
            let list: Vec<String> = named.map(|(i, ty)| format!("r{i} {ty}")).collect();
            let _ = writeln!(self.text, " ({}) {{", list.join(", "));
            let named = results.iter().enumerate();
            for (i, ty) in named.clone().filter(|(_, ty)| matches!(ty, Type::Map(..))) {
                let _ = writeln!(self.text, "r{i} = {ty}{{}}");
            }
            self.text.push_str("if s.spend() { return }\n");
            scope.extend(named.map(|(i, ty)| Variable {
                name: format!("r{i}"),
                ty: ty.clone(),
                fixed: false,
            }));
            self.write(scope, &results, "s.n", |writer| {
                for (i, ty) in results.iter().enumerate() {
                    if writer.random.below(4) > 0 {
                        let value = writer.value(ty, 1);
                        writer.line(&format!("r{i} = {value}"));
                    }
                }
                whole_body(writer);
            });
        }
        self.text.push_str("}\n\n");
    }

    fn methods(&mut self, number: usize) {
        let by_pointer = self.types.structs[number].by_pointer;
        let ty = Type::Struct(number);
        let receiver = if by_pointer { Type::Pointer(Box::new(ty)) } else { ty };
        let variable = |name: &str, ty: Type| Variable { name: name.to_string(), ty, fixed: false };
        for (head, parameter, result) in [
            ("area(s *state, x int64) (r int64)", INT64, INT64),
            ("turn(s *state, x int32) (r shape)", Type::Int("int32"), Type::Shape),
        ] {
            let _ = writeln!(self.text, "func (v {receiver}) {head} {{\nif s.spend() {{ return }}");
            let scope = vec![
                variable("v", receiver.clone()),
                variable("x", parameter),
                variable("r", result.clone()),
            ];
            self.write(scope, &[result], "s.n", whole_body);
            self.text.push_str("}\n\n");
        }
    }

    /// Calls each function, with constants for arguments.
    fn main(&mut self) {
        let random = self.random.next();
        let edges = format!("run(\"edges\", func(s *state) {{ tryEdges(s, {random}) }})");
        let _ = writeln!(self.text, "func main() {{\n{edges}");
        for Function { name, parameters, results, pure } in self.functions.clone() {
            let _ = writeln!(self.text, "run(\"{name}\", func(s *state) {{");
            let before = std::mem::take(&mut self.text);
            self.write(Vec::new(), &[], "s.n", |writer| {
                let mut arguments: Vec<String> =
                    parameters.iter().map(|parameter| writer.value(parameter, 2)).collect();
                if !pure {
                    arguments.insert(0, "s".to_string());
                }
                let names: Vec<String> = (0..results.len()).map(|i| format!("r{i}")).collect();
                let call = format!("{name}({})", arguments.join(", "));
                match names.is_empty() {
                    true => writer.line(&call),
                    false => writer.line(&format!("{} := {call}", names.join(", "))),
                }
                for (name, ty) in names.iter().zip(&results) {
                    writer.digest(name, ty);
                }
            });
            let call = std::mem::replace(&mut self.text, before);
            let _ = writeln!(self.text, "{call}}})");
        }
        self.text.push_str("}\n\n");
    }

    fn digest_functions(&mut self) {
        let mut written = BTreeSet::new();
        loop {
            let next = self.digests.difference(&written).next().cloned();
            let Some(ty) = next else { return };
            let text = digest_function(&ty, &self.types, &mut self.digests);
            self.text.push_str(&text);
            written.insert(ty);
        }
    }
}

/// Many variables that live to the end, where all are part of the result.
fn pure_body(writer: &mut Writer<'_>) {
    for _ in 0..writer.random.of(&[0, 4, 12, 24]) {
        let ty = writer.plain();
        let value = writer.value(&ty, 2);
        writer.declare(&ty, &value);
    }
    while writer.left > 0 {
        writer.statement(DEPTH);
    }
    return_all(writer);
}

/// More integers than registers, and nothing is called that comes back: what of them
/// is in the frame is only read here.
fn leaf_body(writer: &mut Writer<'_>) {
    writer.simple = true;
    for _ in 0..writer.random.of(&[16, 24, 32]) {
        let ty = loop {
            let ty = writer.scalar();
            if matches!(ty, Type::Int(_)) {
                break ty;
            }
        };
        let value = writer.operand(&ty, 1);
        writer.declare(&ty, &value);
    }
    writer.line("for range 3 {");
    for _ in 0..30 {
        writer.update(1);
    }
    writer.line("}");
    return_all(writer);
}

/// All integers are part of the result.
fn return_all(writer: &mut Writer<'_>) {
    let ints: Vec<Variable> =
        writer.scope.iter().filter(|v| matches!(v.ty, Type::Int(_))).cloned().collect();
    for Variable { name, .. } in ints {
        writer.line(&format!("n = n*31 ^ int64({name})"));
    }
    let result = match &writer.results[0] {
        Type::Bool => "n&1 == 0".to_string(),
        Type::Text => "word(n)".to_string(),
        ty => format!("{ty}(n)"),
    };
    writer.line(&format!("return {result}"));
}

fn whole_body(writer: &mut Writer<'_>) {
    if writer.random.below(3) == 0 {
        writer.line("defer s.caught()");
    }
    writer.calls();
    while writer.left > 0 {
        writer.statement(DEPTH);
    }
    for Variable { name, ty, .. } in writer.scope.clone() {
        if writer.random.below(2) == 0 {
            let line = digest(&name, &ty);
            writer.digests.insert(ty);
            writer.line(&line);
        }
    }
    writer.results();
}
