;; --bounds explicit
;; The cases of the bounds check's algebra, and division by a constant.
(module
  (memory 1)
  (func $certain (result i32) (i32.load offset=4 (i32.const 65528)))
  (func $within (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func $reached (param i32) (result i32) (i32.load offset=65536 (local.get 0)))
  (func $grown (param i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.load8_u (local.get 0)))
  (func $trap_before_store (param i32 i32)
    (i32.store (local.get 0) (i32.div_u (i32.const 1) (local.get 1))))
  (func $quotient (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10))))
