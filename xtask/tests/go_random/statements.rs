//! Statements of one goroutine.

use super::types::{Type, INT64, UINT64};
use super::writer::Writer;

/// What expressions are nested.
const DEPTH: u32 = 3;

impl Writer<'_> {
    /// `depth`: how far statements may be nested.
    pub fn statement(&mut self, depth: u32) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let simple = depth == 0;
        match self.random.below(if self.is_pure() { 70 } else { 136 }) {
            0..14 => self.variable(),
            14..24 => self.assign(),
            24..32 => self.update(DEPTH),
            32..36 => self.swap(),
            36..38 => self.bail_out(),
            38..41 => self.list(),
            _ if simple => self.assign(),
            41..49 => self.branch(depth - 1),
            49..56 => self.count(depth - 1),
            56..63 => self.range(depth - 1),
            63..70 => self.switch(depth - 1),
            70..90 => self.call(),
            90..94 => self.indirect_call(),
            94..97 => self.closure(depth - 1),
            97..101 => self.attempt(depth - 1),
            101..104 => self.defer(depth - 1),
            104..108 => self.line("runtime.Gosched()"),
            108 => self.line("s.collect()"),
            109..111 => self.grow(),
            111..113 => self.blocks(),
            113..115 => self.alias(),
            115..117 => self.table(),
            117..120 => self.kind(depth - 1),
            120..122 => self.steps(depth - 1),
            122..124 => self.generic(),
            124..129 => self.channel(depth - 1),
            129..132 => self.select(),
            132..134 => self.group(),
            _ => self.look(),
        }
    }

    fn variable(&mut self) {
        let ty = if self.is_pure() { self.plain() } else { self.any() };
        let value = self.value(&ty, DEPTH);
        self.declare(&ty, &value);
    }

    fn assign(&mut self) {
        let Some(place) = self.place(|place| place.assignable) else { return self.variable() };
        let value = self.value(&place.ty, DEPTH);
        self.line(&format!("{} = {value}", place.text));
    }

    /// `depth`: how far the expression may be nested.
    pub fn update(&mut self, depth: u32) {
        let int = |ty: &Type| matches!(ty, Type::Int(_));
        let Some(place) = self.place(|p| p.assignable && int(&p.ty)) else { return self.assign() };
        let operator = self.random.of(&["+=", "-=", "*=", "^=", "|=", "&=", "++", "--"]);
        let value = match operator {
            "++" | "--" => String::new(),
            _ => self.value(&place.ty, depth),
        };
        self.line(&format!("{} {operator} {value}", place.text));
    }

    fn swap(&mut self) {
        let Some(first) = self.place(|place| place.assignable) else { return };
        let Some(second) = self.place(|p| p.assignable && p.ty == first.ty) else { return };
        let (first, second) = (first.text, second.text);
        self.line(&format!("{first}, {second} = {second}, {first}"));
    }

    /// Out of a loop, or, which is rarer, out of the function or by a panic.
    fn bail_out(&mut self) {
        let (condition, number) = (self.bool(DEPTH), self.number());
        let rare = if self.loops > 0 { 1 } else { 7 };
        self.line(&format!("if {condition} && {number}&{rare} == 0 {{"));
        match self.random.below(6) {
            0..3 if self.loops > 0 => {
                let way = self.random.of(&["break", "continue"]);
                self.line(way);
            }
            0 if !self.careful => {
                let ty = self.any();
                let (value, number) = (self.operand(&ty, 1), self.number());
                self.line(&format!("if {number}&7 == 0 {{ panic({value}) }}"));
            }
            _ => self.results(),
        }
        self.line("}");
    }

    /// `append`, `copy`, parts, `clear`; of a pure function, a part alone.
    fn list(&mut self) {
        let slice = |ty: &Type| matches!(ty, Type::Slice(_));
        let Some(place) = self.place(|p| p.assignable && slice(&p.ty)) else {
            return self.assign();
        };
        let Type::Slice(of) = &place.ty else { return };
        let list = place.text.clone();
        match self.random.below(6) {
            0 | 1 => {
                let (value, next) = (self.value(of, 1), self.value(of, 1));
                self.line(&format!(
                    "if len({list}) < 40 {{ {list} = append({list}, {value}, {next}) }}"
                ));
            }
            2 => {
                let other = self.operand(&place.ty, 1);
                self.line(&format!(
                    "if len({list}) < 40 {{ {list} = append({list}, {other}...) }}"
                ));
            }
            3 => {
                let (low, high) = (self.index_of(&list), self.index_of(&list));
                let [to, from] = match self.random.below(2) {
                    0 => [format!("{list}[{low}:]"), list.clone()],
                    _ => [list.clone(), format!("{list}[{high}:]")],
                };
                self.line(&format!("copy({to}, {from})"));
            }
            4 => {
                let low = self.index_of(&list);
                self.line(&format!("{list} = {list}[{low}:]"));
            }
            _ => {
                let high = self.index_of(&list);
                self.line(&format!("clear({list}[:{high}])"));
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        let condition = self.bool(DEPTH);
        self.line(&format!("if {condition} {{"));
        self.block(depth);
        if self.random.below(2) == 0 {
            self.line("} else {");
            self.block(depth);
        }
        self.line("}");
    }

    fn in_loop(&mut self, depth: u32) {
        self.loops += 1;
        self.block(depth);
        self.loops -= 1;
    }

    fn count(&mut self, depth: u32) {
        let (name, ty) = (self.name("i"), self.scalar());
        let ty = if matches!(ty, Type::Int(_)) { ty } else { INT64 };
        let (from, to) = (self.random.below(4), 1 + self.random.below(9));
        let head = match self.random.below(3) {
            0 => format!("for {name} := {ty}({from}); {name} < {}; {name}++ {{", from + to),
            1 => format!("for {name} := {ty}({to}); {name} > 0; {name}-- {{"),
            _ => format!("for {name} := range {ty}({to}) {{\n_ = {name}"),
        };
        self.line(&head);
        let before = self.scope.len();
        self.bring(&name, &ty, true);
        self.in_loop(depth);
        self.scope.truncate(before);
        self.line("}");
    }

    fn range(&mut self, depth: u32) {
        let ranged = |ty: &Type| matches!(ty, Type::Slice(_) | Type::Array(..) | Type::Text);
        let Some(place) = self.place(|place| ranged(&place.ty)) else { return self.count(depth) };
        let of = match place.ty {
            Type::Slice(of) | Type::Array(_, of) => *of,
            _ => Type::Int("int32"),
        };
        self.each(&place.text, &of, depth);
    }

    /// A loop over a sequence of integers and items of a type.
    fn each(&mut self, sequence: &str, of: &Type, depth: u32) {
        let (key, item) = (self.name("k"), self.name("e"));
        self.line(&format!("for {key}, {item} := range {sequence} {{\n_, _ = {key}, {item}"));
        let before = self.scope.len();
        self.bring(&key, &Type::Int("int"), true);
        self.bring(&item, of, false);
        self.in_loop(depth);
        self.scope.truncate(before);
        self.line("}");
    }

    /// By a number, or by a text.
    fn switch(&mut self, depth: u32) {
        let text = !self.simple && self.random.below(3) == 0;
        let on = match text {
            true => self.operand(&Type::Text, DEPTH),
            false => format!("({})&15", self.operand(&INT64, DEPTH)),
        };
        self.line(&format!("switch {on} {{"));
        let cases = 1 + self.random.below(7);
        for case in 0..cases {
            let numbers =
                if case % 2 == 0 { format!("{}, {}", case, case + 8) } else { case.to_string() };
            let texts = ["", "worda", "wordb", "a", "text", "wordp", "words"];
            match text {
                true => self.line(&format!("case \"{}\":", texts[case as usize])),
                false => self.line(&format!("case {numbers}:")),
            }
            let loops = std::mem::take(&mut self.loops);
            self.block(depth);
            self.loops = loops;
        }
        if self.random.below(4) > 0 {
            self.line("default:");
            self.block(depth);
        }
        self.line("}");
    }

    /// Some generated functions, whose results become variables.
    pub fn calls(&mut self) {
        for _ in 0..self.random.below(3) {
            self.call();
        }
    }

    /// Some generated function, whose results become variables.
    fn call(&mut self) {
        let callee = self.random.below(self.functions.len() as u64) as usize;
        let callee = self.functions[callee].clone();
        let mut arguments: Vec<String> =
            callee.parameters.iter().map(|parameter| self.value(parameter, 2)).collect();
        if !callee.pure {
            arguments.insert(0, "s".to_string());
        }
        let call = format!("{}({})", callee.name, arguments.join(", "));
        self.take(&call, &callee.results);
    }

    /// What a call gives.
    fn take(&mut self, call: &str, results: &[Type]) {
        if results.is_empty() {
            return self.line(call);
        }
        let mut targets = Vec::new();
        let mut fresh = Vec::new();
        for ty in results {
            if self.random.below(3) == 0 {
                if let Some(place) = self.place(|p| p.assignable && p.ty == *ty) {
                    targets.push(place.text);
                    continue;
                }
            }
            let name = self.name("v");
            self.line(&format!("var {name} {ty}\n_ = {name}"));
            fresh.push((name.clone(), ty));
            targets.push(name);
        }
        self.line(&format!("{} = {call}", targets.join(", ")));
        for (name, ty) in fresh {
            self.bring(&name, ty, false);
        }
    }

    fn indirect_call(&mut self) {
        let shape = self.operand(&Type::Shape, 1);
        let number = self.int64(2);
        match self.random.below(4) {
            0 => {
                let closure = self.operand(&Type::Closure, 1);
                self.take(&format!("{closure}({number})"), &[INT64]);
            }
            1 => {
                let name = self.name("m");
                self.line(&format!("{name} := {shape}.area"));
                self.take(&format!("{name}(s, {number})"), &[INT64]);
            }
            2 => {
                let number = self.operand(&Type::Int("int32"), 1);
                self.take(&format!("{shape}.turn(s, {number})"), &[Type::Shape]);
            }
            _ => self.take(&format!("{shape}.area(s, {number})"), &[INT64]),
        }
    }

    /// That reads and writes what is around it.
    fn closure(&mut self, depth: u32) {
        let (name, parameter) = (self.name("c"), self.name("p"));
        self.line(&format!(
            "{name} := func({parameter} int64) int64 {{\nif s.spend() {{ return 1 }}"
        ));
        self.body(&[INT64], |writer| {
            writer.bring(&parameter, &INT64, false);
            writer.block(depth);
            writer.results();
        });
        self.line("}");
        self.bring(&name, &Type::Closure, true);
        let number = self.int64(1);
        self.take(&format!("{name}({number})"), &[INT64]);
    }

    fn attempt(&mut self, depth: u32) {
        self.line("s.try(func() {");
        self.body(&[], |writer| writer.block(depth));
        self.line("})");
    }

    /// It may change named results, and recover.
    fn defer(&mut self, depth: u32) {
        self.line("defer func() {");
        if self.random.below(2) == 0 {
            self.line("s.caught()\nif r := recover(); r != nil { s.reason(r) }");
        }
        self.body(&[], |writer| writer.block(depth));
        self.line("}()");
    }

    fn grow(&mut self) {
        let at = match self.place(|place| place.addressable && place.ty == INT64) {
            Some(place) => place.text,
            None => self.declare(&INT64, "s.n"),
        };
        let by = self.random.of(&[7, 31, 63]);
        let depth = self.operand(&UINT64, 1);
        self.take(&format!("grow(s, {depth}&{by}, &{at})"), &[INT64]);
    }

    /// Places of the frame, by their names and by a pointer that may be to any of them.
    fn alias(&mut self) {
        let (lone, list, pointer) = (self.name("w"), self.name("w"), self.name("p"));
        let ty = Type::Int(self.random.of(&["int64", "uint32", "byte"]));
        let (value, index) = (self.operand(&ty, 2), self.index("5"));
        self.line(&format!("var {lone} {ty} = {value}\nvar {list} [5]{ty}"));
        let first = self.bool(1);
        self.line(&format!("{pointer} := pick({first}, &{lone}, &{list}[uint64({index})%5])"));
        if self.random.below(3) == 0 {
            self.line("runtime.Gosched()");
        }
        let before = self.scope.len();
        for place in [&lone, &format!("{list}[2]"), &format!("(*{pointer})")] {
            self.bring(place, &ty, false);
        }
        for _ in 0..3 + self.random.below(5) {
            let to = self.random.below(3) as usize;
            let to = self.scope[before + to].name.clone();
            let from = self.random.below(3) as usize;
            let from = self.scope[before + from].name.clone();
            let operator = self.random.of(&["=", "+=", "^=", "-="]);
            let value = self.value(&ty, 1);
            self.line(&format!("{to} {operator} {from}*3 + {value}"));
        }
        for place in [&lone, &format!("*{pointer}"), &format!("{list}[uint64({lone})%5]")] {
            self.digest(place, &ty);
        }
        self.scope.truncate(before);
    }

    fn blocks(&mut self) {
        let numbers: Vec<String> = (0..3).map(|_| self.operand(&UINT64, 1)).collect();
        let byte = self.operand(&Type::Int("byte"), 1);
        self.line(&format!("blocks(s, {}, {byte})", numbers.join(", ")));
    }

    /// Of a map: looked up, deleted, digested.
    fn table(&mut self) {
        let Some(place) = self.place(|place| matches!(place.ty, Type::Map(..))) else {
            return self.look();
        };
        let Type::Map(key, value) = &place.ty else { return };
        let key = self.operand(key, 1);
        match self.random.below(3) {
            0 => self.line(&format!("delete({}, {key})", place.text)),
            1 => self.take(&format!("{}[{key}]", place.text), &[(**value).clone(), Type::Bool]),
            _ => self.digest(&place.text, &place.ty),
        }
    }

    /// By the type of what is in an interface.
    fn kind(&mut self, depth: u32) {
        let (shape, name) = (self.operand(&Type::Shape, 1), self.name("x"));
        self.line(&format!("switch {name} := {shape}.(type) {{"));
        for (number, of) in self.types.structs.iter().enumerate() {
            if self.random.below(2) == 0 {
                let ty = Type::Struct(number);
                let ty = if of.by_pointer { Type::Pointer(Box::new(ty)) } else { ty };
                self.line(&format!("case {ty}:\n_ = {name}"));
                let before = self.scope.len();
                self.bring(&name, &ty, false);
                self.block(depth);
                self.scope.truncate(before);
            }
        }
        self.line(&format!("default:\n_ = {name}\n}}"));
    }

    /// A loop whose body is a function.
    fn steps(&mut self, depth: u32) {
        let count = self.random.below(6);
        self.each(&format!("s.steps({count})"), &INT64, depth);
    }

    fn generic(&mut self) {
        let (from, to) = (self.scalar(), self.any());
        let list = Type::Slice(Box::new(from.clone()));
        let all = self.operand(&list, 2);
        let item = self.name("e");
        let before = self.scope.len();
        self.bring(&item, &from, false);
        if self.random.below(2) == 0 {
            let value = self.value(&to, 2);
            self.scope.truncate(before);
            let call = format!("mapped({all}, func({item} {from}) {to} {{ return {value} }})");
            return self.take(&call, &[Type::Slice(Box::new(to))]);
        }
        let sum = self.name("sum");
        self.bring(&sum, &to, false);
        let value = self.value(&to, 2);
        self.scope.truncate(before);
        let start = self.value(&to, 1);
        let each = format!("func({sum} {to}, {item} {from}) {to} {{ return {value} }}");
        self.take(&format!("folded({all}, {start}, {each})"), &[to]);
    }

    /// Adds some variable to the digest.
    fn look(&mut self) {
        if let Some(place) = self.place(|_| true) {
            self.digest(&place.text, &place.ty);
        }
    }
}
