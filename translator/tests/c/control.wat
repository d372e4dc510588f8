;; --bounds none --no-stack-checks
;; Blocks become labels; one that nothing goes to leaves no trace.
(module
  (func $plain (param i32) (result i32)
    (block (result i32) (i32.add (local.get 0) (i32.const 1))))
  (func $choice (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 0))
      (then (i32.const 10))
      (else (i32.const 20))))
  (func $count (param i32) (result i32)
    (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $switch (param i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $b $c $a (local.get 0)))
      (return (i32.const 3)))
      (return (i32.const 2)))
    (i32.const 1))
  (func $swap (param i32 i32) (result i32 i32)
    (local.get 0) (local.get 1)
    (loop (param i32 i32) (result i32 i32)
      (local.set 0) (local.set 1)
      (local.get 0) (local.get 1)
      (br_if 0 (i32.lt_u (local.get 0) (local.get 1))))))
