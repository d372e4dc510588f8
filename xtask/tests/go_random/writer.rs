//! A function under way: what is in scope, and how places are reached from it.

use super::random::Random;
use super::types::{Type, Types};
use std::collections::BTreeSet;

/// Of a generated function. One without a state has scalars alone, calls nothing
/// that could give the processor away, and begins with a number `n`.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<Type>,
    pub results: Vec<Type>,
    pub pure: bool,
}

#[derive(Clone)]
pub struct Variable {
    pub name: String,
    pub ty: Type,
    /// A loop counts with it.
    pub fixed: bool,
}

pub struct Place {
    pub text: String,
    pub ty: Type,
    pub assignable: bool,
    pub addressable: bool,
}

pub struct Writer<'p> {
    pub random: Random,
    pub types: &'p Types,
    pub functions: &'p [Function],
    /// Of them, how many from the first on may be called in expressions.
    pub pure_callees: usize,
    pub scope: Vec<Variable>,
    /// An integer that is always there.
    pub number: &'static str,
    pub text: String,
    pub results: Vec<Type>,
    /// Names of results that a `return` may leave out.
    pub named: bool,
    pub loops: u32,
    /// Nothing may panic: the order is not known.
    pub careful: bool,
    /// Nothing is called but what panics.
    pub simple: bool,
    /// Statements that it may still have.
    pub left: u32,
    pub names: u32,
    /// Types of which the program needs digests.
    pub digests: BTreeSet<Type>,
}

impl Writer<'_> {
    pub fn is_pure(&self) -> bool {
        self.number == "n"
    }

    pub fn scalar(&mut self) -> Type {
        loop {
            let ty = self.types.scalar(&mut self.random);
            if !self.simple || ty != Type::Text {
                return ty;
            }
        }
    }

    pub fn any(&mut self) -> Type {
        match (self.simple, self.random.below(6)) {
            (true, 0) => Type::Array(1 + self.random.below(12), Box::new(self.scalar())),
            (true, _) => self.scalar(),
            _ => self.types.any(&mut self.random),
        }
    }

    /// Nothing of it is shared by copies.
    pub fn plain(&mut self) -> Type {
        loop {
            let ty = self.any();
            if self.types.is_plain(&ty) {
                return ty;
            }
        }
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// A new variable.
    pub fn declare(&mut self, ty: &Type, value: &str) -> String {
        let name = self.name("v");
        self.line(&format!("var {name} {ty} = {value}\n_ = {name}"));
        self.bring(&name, ty, false);
        name
    }

    pub fn bring(&mut self, name: &str, ty: &Type, fixed: bool) {
        self.scope.push(Variable { name: name.to_string(), ty: ty.clone(), fixed });
    }

    /// Some place that is wanted, if one is soon found.
    pub fn place(&mut self, wanted: impl Fn(&Place) -> bool) -> Option<Place> {
        for _ in 0..12 {
            if self.scope.is_empty() {
                return None;
            }
            let at = self.random.below(self.scope.len() as u64) as usize;
            let Variable { name, ty, fixed } = self.scope[at].clone();
            let mut place = Place { text: name, ty, assignable: !fixed, addressable: !fixed };
            for step in 0..4 {
                if wanted(&place) {
                    return Some(place);
                }
                let Some(within) = self.within(place, step == 0) else { break };
                place = within;
            }
        }
        None
    }

    /// A part of a place.
    fn within(&mut self, place: Place, root: bool) -> Option<Place> {
        let Place { text, ty, addressable, .. } = place;
        let part = |text: String, ty: Type, addressable: bool| {
            Some(Place { text, ty, assignable: addressable, addressable })
        };
        match ty {
            Type::Struct(number) => {
                let fields = &self.types.structs[number].fields;
                let at = self.random.below(fields.len() as u64) as usize;
                part(format!("{text}.f{at}"), fields[at].clone(), addressable)
            }
            Type::Array(length, of) => {
                let index = match self.careful || self.random.below(3) > 0 {
                    true => self.random.below(length).to_string(),
                    false => self.index(&length.to_string()),
                };
                // A constant out of range is no program.
                let constant = index.parse::<u64>().ok();
                let index = if constant.is_some_and(|at| at >= length) { "0" } else { &index };
                part(format!("{text}[{index}]"), *of, addressable)
            }
            Type::Slice(of) if !self.careful => {
                let text = match self.random.below(30) {
                    // It panics if there is none.
                    0 => format!("{text}[{}]", self.index_of(&text)),
                    _ => format!("(*at({text}, uint({})))", self.number()),
                };
                part(text, *of, true)
            }
            // Fields are mostly nil.
            Type::Pointer(to) if !self.careful && (root || self.random.below(8) == 0) => {
                let text = match self.random.below(6) {
                    0 => format!("(*{text})"),
                    _ => format!("(*some({text}))"),
                };
                part(text, *to, true)
            }
            Type::Map(key, value) => {
                let key = match *key {
                    Type::Int(_) | Type::Bool | Type::Text => self.literal(&key),
                    _ => format!("({key}{{}})"),
                };
                let (text, ty) = (format!("{text}[{key}]"), *value);
                Some(Place { text, ty, assignable: true, addressable: false })
            }
            _ => None,
        }
    }

    /// Statements within braces, which are the caller's.
    pub fn block(&mut self, depth: u32) {
        let before = self.scope.len();
        for _ in 0..1 + self.random.below(4) {
            self.statement(depth);
        }
        self.scope.truncate(before);
    }

    /// The body of a function within, with results of its own.
    pub fn body(&mut self, results: &[Type], write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.results, results.to_vec());
        let (named, loops) = (self.named, self.loops);
        (self.named, self.loops) = (false, 0);
        let before = self.scope.len();
        write(self);
        self.scope.truncate(before);
        (self.results, self.named, self.loops) = (outer, named, loops);
    }

    /// What is in scope is `scope` alone.
    pub fn apart<R>(&mut self, scope: Vec<Variable>, write: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = write(self);
        self.scope = outer;
        result
    }

    /// Adds what has a value to the digest.
    pub fn digest(&mut self, value: &str, ty: &Type) {
        let line = digest(value, ty);
        self.digests.insert(ty.clone());
        self.line(&line);
    }

    pub fn results(&mut self) {
        let results = self.results.clone();
        if self.named && self.random.below(2) == 0 {
            return self.line("return");
        }
        let values: Vec<String> = results.iter().map(|result| self.value(result, 2)).collect();
        self.line(&format!("return {}", values.join(", ")));
    }
}

/// A statement that does so.
pub fn digest(value: &str, ty: &Type) -> String {
    match ty {
        Type::Int(_) => format!("s.mix(uint64({value}))"),
        Type::Float(_) => format!("s.float(float64({value}))"),
        Type::Bool => format!("s.bool({value})"),
        Type::Text => format!("s.text({value})"),
        Type::Pointer(_) | Type::Closure | Type::Shape => format!("s.bool({value} == nil)"),
        _ => format!("{}(s, {value})", digest_name(ty)),
    }
}

fn digest_name(ty: &Type) -> String {
    let name = ty.to_string();
    let name = name.replace("func(int64) int64", "closure").replace('*', "to_");
    let name: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    format!("digest_{name}")
}

/// The function that does so, and what it calls.
pub fn digest_function(ty: &Type, types: &Types, all: &mut BTreeSet<Type>) -> String {
    let mut each = |text: &str, of: &Type| {
        all.insert(of.clone());
        digest(text, of)
    };
    let body = match ty {
        Type::Slice(of) => format!("s.mix(uint64(len(v)))\nfor _, e := range v {{ {} }}", each("e", of)),
        Type::Array(_, of) => format!("for i := range v {{ {} }}", each("v[i]", of)),
        Type::Struct(number) => {
            let fields = types.structs[*number].fields.iter().enumerate();
            let lines: Vec<String> =
                fields.map(|(i, field)| each(&format!("v.f{i}"), field)).collect();
            lines.join("\n")
        }
        Type::Map(key, value) => format!(
            "var sum uint64\nfor k, e := range v {{ s.apart(&sum, func(s *state) {{ {}; {} }}) }}\ns.mix(sum)",
            each("k", key),
            each("e", value)
        ),
        _ => return String::new(),
    };
    format!("func {}(s *state, v {ty}) {{\n{body}\n}}\n\n", digest_name(ty))
}
