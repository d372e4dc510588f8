;; --bounds none --memory-base identity --no-stack-checks
;; Expressions fold into one; stores and assignments settle what they change.
(module
  (memory 1)
  (global $sp (mut i32) (i32.const 65536))
  (func $one_expression (param i32 i32) (result i32)
    (i32.add
      (i32.mul (local.get 0) (i32.const 3))
      (i32.load offset=8 (i32.shl (local.get 1) (i32.const 34)))))
  (func $frame (result i64)
    (local $frame i32)
    (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 16))))
    (i64.store8 offset=3 (local.get $frame) (i64.const -1))
    (i64.load32_s (local.get $frame)))
  (func $load_before_store (param i32) (result i32)
    (i32.load (local.get 0))
    (i32.store (local.get 0) (i32.const 7)))
  (func $read_before_set (param i32) (result i32)
    (i32.add (local.get 0) (local.tee 0 (i32.const 5))))
  (func $not_changed (param i32 i32) (result i32)
    (local.get 0)
    (local.set 1 (i32.const 5))))
