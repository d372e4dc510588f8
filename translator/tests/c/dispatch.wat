;; --bounds none --no-stack-checks
;; A constant assigned to what a loop dispatches on, then a branch to the loop.
(module
  (func $machine (param i32) (result i32)
    (local i32)
    (loop $again
      (block $b (block $a
        (br_table $a $b (local.get 0)))
        ;; a
        (local.set 0 (i32.const 1))
        (br $again))
      ;; b
      (local.set 0 (i32.const 7))
      (br_if $again (local.get 1))
      (local.set 0 (i32.const 0))
      (local.set 1 (i32.const 1))
      (br $again))
    (unreachable)))
