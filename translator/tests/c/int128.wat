;;--bounds explicit
;; Functions of libraries that have a place in C. $multi3-clang stores its upper half
;; first, which is seen where the first store traps and the second would not.
(module
  (memory 1)
  (func $multi3-clang (param i32 i64 i64 i64 i64) (local i64)
    local.get 0 local.get 4 local.get 1 i64.mul local.get 2 local.get 3 i64.mul i64.add
    local.get 3 i64.const 32 i64.shr_u local.tee 2 local.get 1 i64.const 32 i64.shr_u
    local.tee 4 i64.mul i64.add local.get 3 i64.const 4294967295 i64.and local.tee 3 local.get 1
    i64.const 4294967295 i64.and local.tee 1 i64.mul local.tee 5 i64.const 32 i64.shr_u
    local.get 3 local.get 4 i64.mul i64.add local.tee 3 i64.const 32 i64.shr_u i64.add
    local.get 3 i64.const 4294967295 i64.and local.get 2 local.get 1 i64.mul i64.add local.tee 1
    i64.const 32 i64.shr_u i64.add i64.store offset=8 local.get 0 local.get 1 i64.const 32
    i64.shl local.get 5 i64.const 4294967295 i64.and i64.or i64.store)
  (func $ashlti3-rust (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    local.get 3 i64.extend_i32_u local.tee 4 i64.shl local.get 1 i32.const 0 local.get 3 i32.sub
    i64.extend_i32_u i64.shr_u i64.or local.set 2 local.get 1 local.get 4 i64.shl local.set 1
    br 1 end local.get 1 local.get 3 i64.extend_i32_u i64.shl local.set 2 i64.const 0
    local.set 1 end local.get 0 local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  (func (export "product") (param i32 i64 i64)
    (call $multi3-clang (i32.add (local.get 0) (i32.const 16))
      (local.get 1) (i64.const 0) (local.get 2) (i64.const 0)))
  (func (export "shift") (param i64 i32) (result i64)
    (call $ashlti3-rust (i32.const 16) (local.get 0) (i64.load (i32.const 32)) (local.get 1))
    (i64.load (i32.const 24)))
  (func (export "shift_in_frame") (param i32 i64 i32) (result i64)
    (call $ashlti3-rust (i32.add (local.get 0) (i32.const 16))
      (local.get 1) (i64.const 0) (local.get 2))
    (i64.or (i64.load offset=16 (local.get 0)) (i64.load offset=24 (local.get 0))))
  ;; The same, but for one constant.
  (func $other (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 32 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    local.get 3 i64.extend_i32_u local.tee 4 i64.shl local.get 1 i32.const 0 local.get 3 i32.sub
    i64.extend_i32_u i64.shr_u i64.or local.set 2 local.get 1 local.get 4 i64.shl local.set 1
    br 1 end local.get 1 local.get 3 i64.extend_i32_u i64.shl local.set 2 i64.const 0
    local.set 1 end local.get 0 local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  (func (export "call")
    (call $other (i32.const 16) (i64.const 1) (i64.const 2) (i32.const 3))))
