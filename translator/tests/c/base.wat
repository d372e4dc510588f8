;; --bounds none --memory-base 0x100000000 --base-register tp --no-stack-checks
;; The base in a register; a constant that is added to an index is an offset,
;; unless it is negative.
(module
  (memory 1)
  (func $fields (param i32) (result i64)
    (i64.store offset=4 (i32.add (local.get 0) (i32.const 16)) (i64.const 1))
    (i64.load (i32.add (local.get 0) (i32.const 2147483647))))
  (func $before (param i32) (result i32)
    (i32.load (i32.add (local.get 0) (i32.const -4))))
  (func $cut (param i64) (result i32)
    (i32.load (i32.wrap_i64 (i64.add (local.get 0) (i64.const 24)))))
  (func $constant (result i32)
    (i32.load offset=4 (i32.const 6140))))
