;; --memory-base identity --bounds none --no-stack-checks --go-register s11
;; As Go's compiler writes functions: $leaf has no resume point, $caller grows
;; its stack, checks a pointer, calls $leaf and a function value in a loop,
;; $gives_up ends by $throw, which never returns.
(module
  (@producers (language "Go" "go1.26.6") (processed-by "Go cmd/compile" "go1.26.6"))
  (type $go (func (param i32) (result i32)))
  (memory 2)
  (table 4099 funcref)
  (elem (i32.const 4096) $leaf $caller $throw)
  (global (mut i32) (i32.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i64) (i64.const 0))
  (global (mut i32) (i32.const 0))
  (func $leaf (type $go) (local i32)
    (local.set 1 (global.get 0))
    (block (br_table 0 0 (local.get 0)))
    (i64.store offset=16 (local.get 1)
      (i64.load offset=24 (i32.wrap_i64 (i64.load offset=8 (local.get 1)))))
    (global.set 0 (local.tee 1 (i32.add (local.get 1) (i32.const 8))))
    (return (i32.const 0)))
  (func $throw (type $go) (local i32)
    (local.set 1 (global.get 0))
    (unreachable))
  (func $gives_up (type $go) (local i32)
    (local.set 1 (global.get 0))
    (block
      (block (block (br_table 0 0 1 (local.get 0)))
        (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
        (i64.store (local.get 1) (i64.const 268566529))
        (call $throw (i32.const 0)) (local.set 1 (global.get 0)) (br_if 1))
      (unreachable))
    (i32.const 1))
  (func $caller (type $go) (local i32 i64)
    (local.set 1 (global.get 0))
    (block $unwind
      (loop $jump
        (block $b3 (block $b2 (block $b1 (block $b0
          (br_table $b0 $b1 $b2 $b3 (local.get 0)))
          ;; b0: the stack may have to grow
          (i32.le_u (local.get 1) (i32.load offset=16 (i32.wrap_i64 (global.get 2))))
          (if (then
            (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
            (i64.store (local.get 1) (i64.const 268632064))
            (call $throw (i32.const 0)) (local.set 1 (global.get 0)) (br_if $unwind)))
          (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 24))))
          (i64.store (local.get 1) (i64.load offset=32 (local.get 1)))
          (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
          (i64.store (local.get 1) (i64.const 268632065))
          (call $leaf (i32.const 0)) (local.set 1 (global.get 0)) (br_if $unwind))
          ;; b1: again unless it gave 0
          (local.set 2 (i64.load offset=8 (local.get 1)))
          (if (i64.eqz (local.get 2)) (then (local.set 0 (i32.const 2)) (br $jump)))
          (local.set 0 (i32.const 1))
          (br $jump))
          ;; b2: a function value
          (i64.load (i32.wrap_i64 (local.get 2)))
          (global.set 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 8))))
          (i64.store (local.get 1) (i64.const 268632067))
          (i32.wrap_i64 (i64.shr_u (i64.const 16)))
          (local.set 0) (i32.const 0) (local.get 0)
          (call_indirect (type $go)) (local.set 1 (global.get 0)) (br_if $unwind))
        ;; b3
        (global.set 0 (local.tee 1 (i32.add (local.get 1) (i32.const 24))))
        (global.set 0 (local.tee 1 (i32.add (local.get 1) (i32.const 8))))
        (return (i32.const 0)))
      (unreachable))
    (i32.const 1)))
