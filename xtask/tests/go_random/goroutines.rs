//! Statements of several goroutines. Each has a state and variables of its own, and
//! what comes from several is put together without an order.

use super::types::{Type, INT64};
use super::writer::{Variable, Writer};

impl Writer<'_> {
    /// Copies for a goroutine: its parameters, and the arguments for them.
    fn copies(&mut self) -> (Vec<Variable>, String, String) {
        let plain: Vec<Variable> = self
            .scope
            .iter()
            .filter(|variable| self.types.is_plain(&variable.ty))
            .cloned()
            .collect();
        let (mut scope, mut parameters, mut arguments) =
            (Vec::new(), "s *state".to_string(), "s.child()".to_string());
        for variable in plain {
            if self.random.below(3) == 0 {
                let name = self.name("p");
                parameters += &format!(", {name} {}", variable.ty);
                arguments += &format!(", {}", variable.name);
                scope.push(Variable { name, fixed: false, ..variable });
            }
        }
        (scope, parameters, arguments)
    }

    /// Starts what sends some values of a type and then closes the channel.
    fn producer(&mut self, channel: &str, ty: &Type, digest: Option<&str>, depth: u32) {
        let (scope, parameters, arguments) = self.copies();
        let (count, name) = (self.random.below(6), self.name("i"));
        let told = digest.map_or(String::new(), |to| format!("defer func() {{ {to} <- s.h }}()\n"));
        self.line(&format!(
            "go func({parameters}) {{\n{told}defer close({channel})\ndefer s.caught()\nfor {name} := range {count} {{\n_ = {name}"
        ));
        self.apart(scope, |writer| {
            writer.body(&[], |writer| {
                writer.bring(&name, &Type::Int("int"), true);
                if depth > 0 {
                    writer.block(depth - 1);
                }
                let value = writer.value(ty, 2);
                writer.line(&format!("{channel} <- {value}\n}}\n}}({arguments})"));
            });
        });
    }

    fn room(&mut self) -> u64 {
        self.random.of(&[0, 0, 1, 3])
    }

    /// What another goroutine sends is received in a loop.
    pub fn channel(&mut self, depth: u32) {
        let ty = self.plain();
        let (channel, item, room) = (self.name("c"), self.name("e"), self.room());
        self.line(&format!("{channel} := make(chan {ty}, {room})"));
        // Left early, it would never tell its digest.
        self.producer(&channel, &ty, None, depth);
        let (sum, start) = (self.name("v"), self.int64(1));
        self.line(&format!("{sum} := {start}\nfor {item} := range {channel} {{\n_ = {item}"));
        self.bring(&sum, &INT64, false);
        let before = self.scope.len();
        self.bring(&item, &ty, false);
        self.digest(&item, &ty);
        self.loops += 1;
        self.block(depth);
        self.loops -= 1;
        let next = self.int64(2);
        self.scope.truncate(before);
        self.line(&format!("{sum} ^= {next}\n}}"));
    }

    /// From several channels: what comes from each has an order, and no more.
    pub fn select(&mut self) {
        let mut sources = Vec::new();
        for _ in 0..2 + self.random.below(2) {
            let ty = self.plain();
            let (channel, digest) = (self.name("c"), self.name("d"));
            let room = self.room();
            self.line(&format!(
                "{channel}, {digest} := make(chan {ty}, {room}), make(chan uint64, 1)"
            ));
            let start = self.int64(1);
            let sum = self.declare(&INT64, &start);
            self.producer(&channel, &ty, Some(&digest), 2);
            sources.push((channel, digest, sum, ty));
        }
        let left = self.name("left");
        self.line(&format!("for {left} := {}; {left} > 0; {{\nselect {{", sources.len()));
        for (channel, _, sum, ty) in &sources {
            let item = self.name("e");
            let known = [(item.clone(), ty.clone()), (sum.clone(), INT64)];
            let scope = known.map(|(name, ty)| Variable { name, ty, fixed: false }).to_vec();
            self.careful = true;
            let next = self.apart(scope, |writer| writer.int64(3));
            self.careful = false;
            self.line(&format!(
                "case {item}, ok := <-{channel}:\nif !ok {{ {channel} = nil; {left}--; break }}\n\
                 _ = {item}\n{sum} = {sum}*7 + {next}"
            ));
        }
        if self.random.below(2) == 0 {
            self.line("default:\nruntime.Gosched()");
        }
        self.line("}\n}");
        for (_, digest, sum, _) in sources {
            self.line(&format!("s.mix(<-{digest})\ns.mix(uint64({sum}))"));
        }
    }

    /// Several that add to one sum.
    pub fn group(&mut self) {
        let (lock, group, total) = (self.name("lock"), self.name("group"), self.name("v"));
        let (scope, parameters, arguments) = self.copies();
        let count = 1 + self.random.below(4);
        self.line(&format!(
            "var {lock} sync.Mutex\nvar {group} sync.WaitGroup\nvar {total} int64\n\
             for range {count} {{\n{group}.Add(1)\ngo func({parameters}) {{\n\
             defer {group}.Done()\ndefer s.caught()"
        ));
        self.apart(scope, |writer| {
            writer.body(&[], |writer| {
                writer.block(1);
                let value = writer.int64(2);
                let sum = writer.declare(&INT64, &value);
                writer.line(&format!("{lock}.Lock()\n{total} += {sum}"));
                writer.line("runtime.Gosched()");
                writer.line(&format!("{lock}.Unlock()"));
            });
        });
        self.line(&format!("}}({arguments})\n}}\n{group}.Wait()"));
        self.bring(&total, &INT64, false);
    }
}
