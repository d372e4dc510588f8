;; --names index
;; One image without runs of zeros; what cannot be placed beforehand stays.
(module
  (import "host" "base" (global $base i32))
  (import "host" "call me" (func (param f64)))
  (memory (export "memory") 1 4)
  (data (i32.const 16) "hello")
  (data (i32.const 1024) "\01\02\00\00\03")
  (data $passive "passive")
  (data (global.get $base) "late")
  (global f32 (f32.const nan:0x200000))
  (global (export "sum") i32 (i32.add (i32.const 40) (i32.const 2)))
  (table 3 funcref)
  (elem (i32.const 1) func 0 1)
  (func (export "start here") (call 0 (f64.const 1))
    (call_indirect (i32.const 2))
    (memory.init $passive (i32.const 0) (i32.const 1) (i32.const 2))
    (data.drop $passive)))
