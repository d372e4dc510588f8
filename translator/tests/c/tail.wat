;; --compiler clang
;; musttail within one type, the trampoline between two.
(module
  (type $unary (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $even $odd)
  (func $even (type $unary)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
  (func $odd (type $unary)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get 0) (i32.const 1))))
  (func $other (param i64) (result i32)
    (return_call $even (i32.wrap_i64 (local.get 0))))
  (func $call (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 0) (local.get 1))))
