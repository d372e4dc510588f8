//! Types of generated programs.

use super::random::Random;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Int(&'static str),
    Float(&'static str),
    Bool,
    Text,
    Slice(Box<Type>),
    Array(u64, Box<Type>),
    /// By its number among the program's.
    Struct(usize),
    Map(Box<Type>, Box<Type>),
    Pointer(Box<Type>),
    /// `func(int64) int64`.
    Closure,
    /// The interface that every struct implements.
    Shape,
}

/// Name, bits, and whether it has a sign.
const INTS: [(&str, u32, bool); 10] = [
    ("int", 64, true),
    ("int64", 64, true),
    ("int32", 32, true),
    ("int16", 16, true),
    ("int8", 8, true),
    ("uint", 64, false),
    ("uint64", 64, false),
    ("uint32", 32, false),
    ("uint16", 16, false),
    ("byte", 8, false),
];

pub const INT64: Type = Type::Int("int64");
pub const UINT64: Type = Type::Int("uint64");

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Int(name) | Type::Float(name) => f.write_str(name),
            Type::Bool => f.write_str("bool"),
            Type::Text => f.write_str("string"),
            Type::Slice(of) => write!(f, "[]{of}"),
            Type::Array(length, of) => write!(f, "[{length}]{of}"),
            Type::Struct(number) => write!(f, "t{number}"),
            Type::Map(key, value) => write!(f, "map[{key}]{value}"),
            Type::Pointer(to) => write!(f, "*{to}"),
            Type::Closure => f.write_str("func(int64) int64"),
            Type::Shape => f.write_str("shape"),
        }
    }
}

/// Bits of an integer type, and whether it has a sign.
pub fn int(name: &str) -> (u32, bool) {
    let (_, bits, signed) = INTS.iter().find(|int| int.0 == name).expect("a type of integers");
    (*bits, *signed)
}

/// The program's structs.
pub struct Types {
    pub structs: Vec<Struct>,
}

pub struct Struct {
    pub fields: Vec<Type>,
    /// Its methods take a pointer.
    pub by_pointer: bool,
}

impl Types {
    /// Each with fields of those before it.
    pub fn new(random: &mut Random, count: usize) -> Types {
        let mut types = Types { structs: Vec::new() };
        for number in 0..count {
            let fields = match number {
                // Two that fit in registers, and one that does not.
                0 | 1 => (0..=number).map(|_| types.scalar(random)).collect(),
                2 => vec![Type::Array(9, Box::new(INT64)), Type::Int("byte"), Type::Text],
                _ => (0..2 + random.below(5)).map(|_| types.field(random)).collect(),
            };
            let by_pointer = random.below(2) == 0;
            types.structs.push(Struct { fields, by_pointer });
        }
        types
    }

    pub fn scalar(&self, random: &mut Random) -> Type {
        match random.below(10) {
            0..6 => Type::Int(random.of(&INTS).0),
            6 => Type::Float("float32"),
            7 => Type::Float("float64"),
            8 => Type::Bool,
            _ => Type::Text,
        }
    }

    fn field(&self, random: &mut Random) -> Type {
        match random.below(8) {
            0 => Type::Pointer(Box::new(Type::Struct(random.below(3) as usize))),
            1 => Type::Closure,
            2 => Type::Shape,
            _ => self.any(random),
        }
    }

    /// Of a variable.
    pub fn any(&self, random: &mut Random) -> Type {
        let of = |random: &mut Random| Box::new(self.element(random));
        match random.below(20) {
            0..3 => Type::Slice(of(random)),
            3 | 4 => Type::Array(1 + random.below(12), of(random)),
            5 | 6 if !self.structs.is_empty() => self.structure(random),
            7 => {
                let key = loop {
                    let key = self.element(random);
                    if self.is_key(&key) {
                        break key;
                    }
                };
                Type::Map(Box::new(key), of(random))
            }
            8 => Type::Pointer(of(random)),
            9 => Type::Closure,
            10 => Type::Shape,
            _ => self.scalar(random),
        }
    }

    fn structure(&self, random: &mut Random) -> Type {
        Type::Struct(random.below(self.structs.len() as u64) as usize)
    }

    fn element(&self, random: &mut Random) -> Type {
        match random.below(8) {
            0 if !self.structs.is_empty() => self.structure(random),
            1 => Type::Array(1 + random.below(40), Box::new(self.scalar(random))),
            _ => self.scalar(random),
        }
    }

    /// Nothing of it is shared by copies.
    pub fn is_plain(&self, ty: &Type) -> bool {
        match ty {
            Type::Int(_) | Type::Float(_) | Type::Bool | Type::Text => true,
            Type::Array(_, of) => self.is_plain(of),
            Type::Struct(number) => {
                self.structs[*number].fields.iter().all(|field| self.is_plain(field))
            }
            _ => false,
        }
    }

    /// It may be compared, and nothing of it is unequal to itself or panics.
    pub fn is_key(&self, ty: &Type) -> bool {
        match ty {
            Type::Float(_) => false,
            Type::Array(_, of) => self.is_key(of),
            Type::Struct(number) => {
                self.structs[*number].fields.iter().all(|field| self.is_key(field))
            }
            _ => self.is_plain(ty),
        }
    }
}
