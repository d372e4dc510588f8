//! Expressions: they change nothing, so that the order in which Go evaluates them
//! shows only in which of two panics comes first.

use super::types::{int, Type, INT64};
use super::writer::{Place, Writer};

/// Of `math/bits`, on 64 bits.
const BITS: [&str; 6] =
    ["LeadingZeros64", "TrailingZeros64", "OnesCount64", "Len64", "ReverseBytes64", "Reverse64"];

impl Writer<'_> {
    /// It may be a constant, which Go looks at where a variable is not looked at.
    pub fn value(&mut self, ty: &Type, depth: u32) -> String {
        if self.random.below(4) == 0 {
            return self.literal(ty);
        }
        self.operand(ty, depth)
    }

    /// No constant.
    pub fn operand(&mut self, ty: &Type, depth: u32) -> String {
        if depth == 0 || self.random.below(5) == 0 {
            return self.leaf(ty);
        }
        if self.random.below(6) == 0 {
            if let Some(call) = self.pure_call(ty, depth - 1) {
                return call;
            }
        }
        match ty {
            Type::Int(name) => self.int(name, depth - 1),
            Type::Float(name) => self.float(name, depth - 1),
            Type::Bool => self.bool(depth - 1),
            Type::Text => self.text(depth - 1),
            _ => self.fresh(ty, depth - 1),
        }
    }

    fn leaf(&mut self, ty: &Type) -> String {
        if let Some(place) = self.place(|place| place.ty == *ty) {
            return place.text;
        }
        let number = self.number();
        match ty {
            Type::Int(name) | Type::Float(name) => format!("{name}({number})"),
            Type::Bool => format!("({number}&1 == 0)"),
            Type::Text => format!("word(int64({number}))"),
            _ => self.fresh(ty, 0),
        }
    }

    pub fn literal(&mut self, ty: &Type) -> String {
        match ty {
            Type::Int(name) => {
                let (bits, signed) = int(name);
                let random = self.random.next() >> self.random.below(64);
                let number = match self.random.below(6) {
                    0 => i128::from(self.random.below(4)),
                    1 if signed => -(1 << (bits - 1)),
                    1 | 2 => (1 << (bits - u32::from(signed))) - 1,
                    3 if signed => -1,
                    4 => 1 << self.random.below(u64::from(bits - 1)),
                    _ => i128::from(random) & ((1 << (bits - 1)) - 1),
                };
                format!("{name}({number})")
            }
            Type::Float(name) => {
                let text = self.random.of(&["0.5", "-1.25", "3e10", "1e-7", "0.1", "2", "-7"]);
                format!("{name}({text})")
            }
            Type::Bool => self.random.of(&["true", "false"]).to_string(),
            Type::Text => {
                let text = ["", "a", "déjà", "text", "\\x00\\xff", "some words and more", "日本"];
                format!("\"{}\"", self.random.of(&text))
            }
            _ => self.fresh(ty, 0),
        }
    }

    /// Not 0.
    fn divisor(&mut self, ty: &Type, depth: u32) -> String {
        match self.random.below(5) {
            0 if self.rarely() => self.operand(ty, depth),
            0 | 1 => format!("({} | 1)", self.operand(ty, depth)),
            2 if matches!(ty, Type::Int(name) if int(name).1) => format!("{ty}(-1)"),
            _ => format!("{ty}({})", 1 + self.random.below(100)),
        }
    }

    fn shift(&mut self, depth: u32) -> String {
        let by = self.random.of(&["uint", "uint32", "byte", "uint64", "int8", "int"]);
        let operand = self.operand(&Type::Int(by), depth);
        match self.random.below(4) {
            // A negative one panics.
            0 if self.rarely() => operand,
            0 | 1 => format!("({operand} & {})", self.random.of(&[127, 63, 31, 7])),
            _ => self.random.below(80).to_string(),
        }
    }

    fn int(&mut self, name: &'static str, depth: u32) -> String {
        let ty = Type::Int(name);
        let x = self.operand(&ty, depth);
        match self.random.below(16) {
            0..6 => {
                let operator = self.random.of(&["+", "-", "*", "&", "|", "^", "&^"]);
                format!("({x} {operator} {})", self.value(&ty, depth))
            }
            6 => {
                let operator = self.random.of(&["/", "%"]);
                format!("({x} {operator} {})", self.divisor(&ty, depth))
            }
            7 | 8 => {
                let operator = self.random.of(&["<<", ">>"]);
                format!("({x} {operator} {})", self.shift(depth))
            }
            9 => format!("({}{x})", self.random.of(&["-", "^"])),
            10 => {
                let from = self.scalar();
                match from {
                    Type::Int(_) => format!("{name}({})", self.operand(&from, depth)),
                    _ => x,
                }
            }
            11 => {
                let from = Type::Float(self.random.of(&["float32", "float64"]));
                format!("{name}(whole(float64({})))", self.operand(&from, depth))
            }
            12 => {
                let sized = |ty: &Type| matches!(ty, Type::Slice(_) | Type::Map(..) | Type::Text);
                match self.place(|place| sized(&place.ty)) {
                    Some(place) => format!("{name}(len({}))", place.text),
                    None => x,
                }
            }
            13 if self.rarely() => {
                let text = self.leaf(&Type::Text);
                format!("{name}({text}[{}])", self.index("3"))
            }
            14 => {
                let function = self.random.of(&BITS);
                format!("{name}(bits.{function}(uint64({x})))")
            }
            _ => {
                let function = self.random.of(&["min", "max"]);
                format!("{function}({x}, {})", self.value(&ty, depth))
            }
        }
    }

    fn float(&mut self, name: &'static str, depth: u32) -> String {
        let ty = Type::Float(name);
        let x = self.operand(&ty, depth);
        match self.random.below(8) {
            // As it says, and not one operation with what is around it.
            0..4 => {
                let operator = self.random.of(&["+", "-", "*", "/"]);
                format!("{name}({x} {operator} {})", self.value(&ty, depth))
            }
            4 => {
                let function = self.random.of(&["Sqrt", "Abs", "Floor", "Trunc"]);
                format!("{name}(math.{function}(float64({x})))")
            }
            5 => {
                let from = self.random.of(&["int64", "uint64", "int8", "uint32", "float64"]);
                let from = if from == "float64" { Type::Float(from) } else { Type::Int(from) };
                format!("{name}({})", self.operand(&from, depth))
            }
            6 => format!("(-{x})"),
            _ => format!("{}({x}, {})", self.random.of(&["min", "max"]), self.value(&ty, depth)),
        }
    }

    pub fn bool(&mut self, depth: u32) -> String {
        match self.random.below(8) {
            0 => format!("(!{})", self.operand(&Type::Bool, depth)),
            1 | 2 => {
                let operator = self.random.of(&["&&", "||"]);
                let x = self.operand(&Type::Bool, depth);
                format!("({x} {operator} {})", self.operand(&Type::Bool, depth))
            }
            3 => {
                let nil = |place: &Place| {
                    matches!(
                        place.ty,
                        Type::Slice(_)
                            | Type::Map(..)
                            | Type::Pointer(_)
                            | Type::Closure
                            | Type::Shape
                    )
                };
                match self.place(nil) {
                    Some(place) => format!("({} == nil)", place.text),
                    None => self.operand(&Type::Bool, depth),
                }
            }
            4 => {
                let ty = loop {
                    let ty = self.any();
                    if self.types.is_key(&ty) {
                        break ty;
                    }
                };
                let operator = self.random.of(&["==", "!="]);
                format!("({} {operator} {})", self.operand(&ty, depth), self.value(&ty, depth))
            }
            _ => {
                let ty = loop {
                    let ty = self.scalar();
                    if ty != Type::Bool {
                        break ty;
                    }
                };
                let operator = self.random.of(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({} {operator} {})", self.operand(&ty, depth), self.value(&ty, depth))
            }
        }
    }

    fn text(&mut self, depth: u32) -> String {
        let x = self.operand(&Type::Text, depth);
        match self.random.below(6) {
            0 | 1 => format!("clip({x} + {})", self.value(&Type::Text, depth)),
            2 => {
                let number = self.operand(&Type::Int("uint64"), depth);
                format!("part({x}, {number}, {})", self.operand(&Type::Int("uint64"), depth))
            }
            3 if self.rarely() => {
                let (low, high) = (self.random.below(4), self.random.below(8));
                format!("{x}[{low}:{}]", low + high)
            }
            4 => {
                let bytes = Type::Slice(Box::new(Type::Int("byte")));
                match self.place(|place| place.ty == bytes) {
                    Some(place) => format!("clip(string({}))", place.text),
                    None => format!("word(int64(len({x})))"),
                }
            }
            _ => format!("string(rune({}))", self.operand(&Type::Int("int32"), depth)),
        }
    }

    /// A new one of a type that is no scalar.
    pub fn fresh(&mut self, ty: &Type, depth: u32) -> String {
        match ty {
            Type::Slice(of) => match self.random.below(5) {
                0 => format!("make({ty}, {})", self.random.below(12)),
                1 => format!("make({ty}, 1+{}%9)", self.operand(&Type::Int("uint"), depth)),
                _ => {
                    let count = self.random.below(9).min(1 + self.random.below(6));
                    format!("({ty}{{{}}})", self.items(of, count, depth))
                }
            },
            Type::Array(length, of) => {
                let count = self.random.below(4).min(*length);
                format!("({ty}{{{}}})", self.items(of, count, depth))
            }
            Type::Struct(number) => {
                let mut fields = Vec::new();
                for (i, field) in self.types.structs[*number].fields.iter().enumerate() {
                    let small =
                        matches!(field, Type::Int(_) | Type::Float(_) | Type::Bool | Type::Text);
                    if (depth > 0 || small) && self.random.below(3) > 0 {
                        fields.push(format!("f{i}: {}", self.value(field, depth)));
                    }
                }
                format!("({ty}{{{}}})", fields.join(", "))
            }
            Type::Map(key, value) => {
                // Of constants it could not have one twice.
                let mut entries = Vec::new();
                for _ in 0..self.random.below(3) {
                    let key = self.operand(key, depth);
                    entries.push(format!("{key}: {}", self.value(value, depth)));
                }
                match key.as_ref() {
                    Type::Int(_) | Type::Bool | Type::Text => {}
                    _ => entries.truncate(1),
                }
                format!("({ty}{{{}}})", entries.join(", "))
            }
            Type::Pointer(to) => self.pointer(to),
            Type::Closure => format!("adder(int64({}))", self.number()),
            Type::Shape => {
                let number = self.random.below(self.types.structs.len() as u64) as usize;
                let of = Type::Struct(number);
                match self.types.structs[number].by_pointer {
                    true => format!("shape({})", self.pointer(&of)),
                    false if depth == 0 => format!("shape({of}{{}})"),
                    false => format!("shape({})", self.operand(&of, depth - 1)),
                }
            }
            _ => self.literal(ty),
        }
    }

    fn pointer(&mut self, to: &Type) -> String {
        match self.random.below(12) {
            0 if self.rarely() => format!("(*{to})(nil)"),
            1 | 2 => format!("new({to})"),
            _ => match self.place(|place| place.addressable && place.ty == *to) {
                Some(place) => format!("(&{})", place.text),
                None => format!("new({to})"),
            },
        }
    }

    fn items(&mut self, of: &Type, count: u64, depth: u32) -> String {
        let items: Vec<String> = (0..count).map(|_| self.value(of, depth)).collect();
        items.join(", ")
    }

    /// A call of a function that has no state.
    fn pure_call(&mut self, ty: &Type, depth: u32) -> Option<String> {
        if self.careful || self.pure_callees == 0 {
            return None;
        }
        let pick = self.random.below(self.pure_callees as u64) as usize;
        let functions = &self.functions[..self.pure_callees];
        let found = functions[pick..].iter().chain(&functions[..pick]);
        let callee = found.into_iter().find(|f| f.results[0] == *ty)?.clone();
        let arguments: Vec<String> =
            callee.parameters.iter().map(|parameter| self.value(parameter, depth)).collect();
        Some(format!("{}({})", callee.name, arguments.join(", ")))
    }

    /// Any integer, by a name.
    pub fn number(&mut self) -> String {
        let ints = self.scope.iter().filter(|variable| matches!(variable.ty, Type::Int(_)));
        let names: Vec<&String> = ints.map(|variable| &variable.name).collect();
        match names.is_empty() || self.random.below(8) == 0 {
            true => self.number.to_string(),
            false => names[self.random.below(names.len() as u64) as usize].clone(),
        }
    }

    /// Whether it may panic here, of what mostly does.
    fn rarely(&mut self) -> bool {
        !self.careful && self.random.below(20) == 0
    }

    /// What is mostly within a few.
    pub fn index(&mut self, few: &str) -> String {
        match self.random.below(80) {
            0 => format!("int64({})", self.number()),
            1..78 => format!("uint({})%{few}", self.number()),
            _ => self.random.below(3).to_string(),
        }
    }

    /// Of a list that may be empty.
    pub fn index_of(&mut self, list: &str) -> String {
        match self.random.below(40) {
            0..39 => format!("uint({})%max(1, uint(len({list})))", self.number()),
            _ => self.index("3"),
        }
    }

    pub fn int64(&mut self, depth: u32) -> String {
        self.operand(&INT64, depth)
    }
}
