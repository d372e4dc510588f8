(module
  ;; 128-bit arithmetic as libraries of compilers have it (translator/src/function/int128.rs).
  ;; A direct call is done in place, a call through the table is a call of the body:
  ;; both must store the same bytes.
  (type $product (func (param i32 i64 i64 i64 i64)))
  (type $shift (func (param i32 i64 i64 i32)))
  (memory (export "memory") 1)
  ;; Parts of operands from 0 on, then bits to shift by.
  (data (i32.const 0)
    "\00\00\00\00\00\00\00\00" "\01\00\00\00\00\00\00\00" "\ff\ff\ff\ff\ff\ff\ff\ff"
    "\00\00\00\00\00\00\00\80" "\ff\ff\ff\ff\00\00\00\00" "\00\00\00\00\ff\ff\ff\ff"
    "\ef\cd\ab\89\67\45\23\01" "\21\43\65\87\a9\cb\ed\0f")
  (data (i32.const 64) "\00\01\1f\20\21\3f\40\41\7f\80\81\c0\ff")
  (table funcref (elem
    $multi3-rust $ashlti3-rust $lshrti3-rust $ashrti3-rust $multi3-rust163 $ashlti3-rust163
    $lshrti3-rust163 $ashrti3-rust163 $multi3-clang $ashlti3-clang $lshrti3-clang
    $ashrti3-clang $multi3-clang14))
  ;; rustc 1.96's compiler_builtins
  (func $multi3-rust (param i32 i64 i64 i64 i64) (local i64 i64 i64 i64 i64 i64)
    local.get 0 local.get 3 i64.const 4294967295 i64.and local.tee 5 local.get 1
    i64.const 4294967295 i64.and local.tee 6 i64.mul local.tee 7 local.get 3 i64.const 32
    i64.shr_u local.tee 8 local.get 6 i64.mul local.tee 6 local.get 5 local.get 1 i64.const 32
    i64.shr_u local.tee 9 i64.mul i64.add local.tee 5 i64.const 32 i64.shl i64.add local.tee 10
    i64.store local.get 0 local.get 8 local.get 9 i64.mul local.get 5 local.get 6 i64.lt_u
    i64.extend_i32_u i64.const 32 i64.shl local.get 5 i64.const 32 i64.shr_u i64.or i64.add
    local.get 10 local.get 7 i64.lt_u i64.extend_i32_u i64.add local.get 4 local.get 1 i64.mul
    local.get 3 local.get 2 i64.mul i64.add i64.add i64.store offset=8)
  (func $ashlti3-rust (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    local.get 3 i64.extend_i32_u local.tee 4 i64.shl local.get 1 i32.const 0 local.get 3 i32.sub
    i64.extend_i32_u i64.shr_u i64.or local.set 2 local.get 1 local.get 4 i64.shl local.set 1
    br 1 end local.get 1 local.get 3 i64.extend_i32_u i64.shl local.set 2 i64.const 0
    local.set 1 end local.get 0 local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  (func $lshrti3-rust (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    i32.const 0 local.get 3 i32.sub i64.extend_i32_u i64.shl local.get 1 local.get 3
    i64.extend_i32_u local.tee 4 i64.shr_u i64.or local.set 1 local.get 2 local.get 4 i64.shr_u
    local.set 2 br 1 end local.get 2 local.get 3 i64.extend_i32_u i64.shr_u local.set 1
    i64.const 0 local.set 2 end local.get 0 local.get 1 i64.store local.get 0 local.get 2
    i64.store offset=8)
  (func $ashrti3-rust (param i32 i64 i64 i32) (local i64)
    block block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 br_if 1 local.get 2
    local.set 4 br 2 end local.get 2 i64.const 63 i64.shr_s local.set 4 local.get 2 local.get 3
    i64.extend_i32_u i64.shr_s local.set 1 br 1 end local.get 2 i32.const 0 local.get 3 i32.sub
    i64.extend_i32_u i64.shl local.get 1 local.get 3 i64.extend_i32_u local.tee 4 i64.shr_u
    i64.or local.set 1 local.get 2 local.get 4 i64.shr_s local.set 4 end local.get 0 local.get 1
    i64.store local.get 0 local.get 4 i64.store offset=8)
  ;; rustc 1.63's compiler_builtins
  (func $multi3-rust163 (param i32 i64 i64 i64 i64) (local i64 i64 i64 i64 i64 i64)
    local.get 0 local.get 3 i64.const 4294967295 i64.and local.tee 5 local.get 1
    i64.const 4294967295 i64.and local.tee 6 i64.mul local.tee 7 local.get 5 local.get 1
    i64.const 32 i64.shr_u local.tee 8 i64.mul local.tee 9 local.get 3 i64.const 32 i64.shr_u
    local.tee 10 local.get 6 i64.mul i64.add local.tee 5 i64.const 32 i64.shl i64.add
    local.tee 6 i64.store local.get 0 local.get 10 local.get 8 i64.mul local.get 5 local.get 9
    i64.lt_u i64.extend_i32_u i64.const 32 i64.shl local.get 5 i64.const 32 i64.shr_u i64.or
    i64.add local.get 6 local.get 7 i64.lt_u i64.extend_i32_u i64.add local.get 4 local.get 1
    i64.mul local.get 3 local.get 2 i64.mul i64.add i64.add i64.store offset=8)
  (func $ashlti3-rust163 (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    local.get 3 i32.const 63 i32.and i64.extend_i32_u local.tee 4 i64.shl local.get 1
    i32.const 0 local.get 3 i32.sub i32.const 63 i32.and i64.extend_i32_u i64.shr_u i64.or
    local.set 2 local.get 1 local.get 4 i64.shl local.set 1 br 1 end local.get 1 local.get 3
    i32.const 63 i32.and i64.extend_i32_u i64.shl local.set 2 i64.const 0 local.set 1 end
    local.get 0 local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  (func $lshrti3-rust163 (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 1 local.get 2
    i32.const 0 local.get 3 i32.sub i32.const 63 i32.and i64.extend_i32_u i64.shl local.get 1
    local.get 3 i32.const 63 i32.and i64.extend_i32_u local.tee 4 i64.shr_u i64.or local.set 1
    local.get 2 local.get 4 i64.shr_u local.set 2 br 1 end local.get 2 local.get 3 i32.const 63
    i32.and i64.extend_i32_u i64.shr_u local.set 1 i64.const 0 local.set 2 end local.get 0
    local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  (func $ashrti3-rust163 (param i32 i64 i64 i32) (local i64)
    block block block local.get 3 i32.const 64 i32.and br_if 0 local.get 3 i32.eqz br_if 2
    local.get 2 i32.const 0 local.get 3 i32.sub i32.const 63 i32.and i64.extend_i32_u i64.shl
    local.get 1 local.get 3 i32.const 63 i32.and i64.extend_i32_u local.tee 4 i64.shr_u i64.or
    local.set 1 br 1 end local.get 2 local.get 3 i32.const 63 i32.and i64.extend_i32_u i64.shr_s
    local.set 1 i64.const 63 local.set 4 end local.get 2 local.get 4 i64.shr_s local.set 2 end
    local.get 0 local.get 1 i64.store local.get 0 local.get 2 i64.store offset=8)
  ;; clang's compiler-rt
  (func $multi3-clang (param i32 i64 i64 i64 i64) (local i64)
    local.get 0 local.get 4 local.get 1 i64.mul local.get 2 local.get 3 i64.mul i64.add
    local.get 3 i64.const 32 i64.shr_u local.tee 2 local.get 1 i64.const 32 i64.shr_u
    local.tee 4 i64.mul i64.add local.get 3 i64.const 4294967295 i64.and local.tee 3 local.get 1
    i64.const 4294967295 i64.and local.tee 1 i64.mul local.tee 5 i64.const 32 i64.shr_u
    local.get 3 local.get 4 i64.mul i64.add local.tee 3 i64.const 32 i64.shr_u i64.add
    local.get 3 i64.const 4294967295 i64.and local.get 2 local.get 1 i64.mul i64.add local.tee 1
    i64.const 32 i64.shr_u i64.add i64.store offset=8 local.get 0 local.get 1 i64.const 32
    i64.shl local.get 5 i64.const 4294967295 i64.and i64.or i64.store)
  (func $ashlti3-clang (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and i32.eqz br_if 0 local.get 1 local.get 3
    i32.const -64 i32.add i64.extend_i32_u i64.shl local.set 2 i64.const 0 local.set 1 br 1 end
    local.get 3 i32.eqz br_if 0 local.get 1 i32.const 64 local.get 3 i32.sub i64.extend_i32_u
    i64.shr_u local.get 2 local.get 3 i64.extend_i32_u local.tee 4 i64.shl i64.or local.set 2
    local.get 1 local.get 4 i64.shl local.set 1 end local.get 0 local.get 1 i64.store
    local.get 0 local.get 2 i64.store offset=8)
  (func $lshrti3-clang (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and i32.eqz br_if 0 local.get 2 local.get 3
    i32.const -64 i32.add i64.extend_i32_u i64.shr_u local.set 1 i64.const 0 local.set 2 br 1
    end local.get 3 i32.eqz br_if 0 local.get 2 i32.const 64 local.get 3 i32.sub
    i64.extend_i32_u i64.shl local.get 1 local.get 3 i64.extend_i32_u local.tee 4 i64.shr_u
    i64.or local.set 1 local.get 2 local.get 4 i64.shr_u local.set 2 end local.get 0 local.get 1
    i64.store local.get 0 local.get 2 i64.store offset=8)
  (func $ashrti3-clang (param i32 i64 i64 i32) (local i64)
    block block local.get 3 i32.const 64 i32.and i32.eqz br_if 0 local.get 2 i64.const 63
    i64.shr_s local.set 4 local.get 2 local.get 3 i32.const -64 i32.add i64.extend_i32_u
    i64.shr_s local.set 1 br 1 end block local.get 3 br_if 0 local.get 2 local.set 4 br 1 end
    local.get 2 i32.const 64 local.get 3 i32.sub i64.extend_i32_u i64.shl local.get 1
    local.get 3 i64.extend_i32_u local.tee 4 i64.shr_u i64.or local.set 1 local.get 2
    local.get 4 i64.shr_s local.set 4 end local.get 0 local.get 1 i64.store local.get 0
    local.get 4 i64.store offset=8)
  ;; clang 14's __multi3
  (func $multi3-clang14 (param i32 i64 i64 i64 i64) (local i64)
    local.get 0 local.get 4 local.get 1 i64.mul local.get 2 local.get 3 i64.mul i64.add
    local.get 3 i64.const 32 i64.shr_u local.tee 4 local.get 1 i64.const 32 i64.shr_u
    local.tee 2 i64.mul i64.add local.get 3 i64.const 4294967295 i64.and local.tee 3 local.get 1
    i64.const 4294967295 i64.and local.tee 1 i64.mul local.tee 5 i64.const 32 i64.shr_u
    local.get 3 local.get 2 i64.mul i64.add local.tee 3 i64.const 32 i64.shr_u i64.add
    local.get 3 i64.const 4294967295 i64.and local.get 4 local.get 1 i64.mul i64.add local.tee 3
    i64.const 32 i64.shr_u i64.add i64.store offset=8 local.get 0 local.get 3 i64.const 32
    i64.shl local.get 5 i64.const 4294967295 i64.and i64.or i64.store)
  ;; The bytes at 1024 and 2048 are the same, and then differ.
  (func $same
    (if (i32.or
          (i64.ne (i64.load (i32.const 1024)) (i64.load (i32.const 2048)))
          (i64.ne (i64.load (i32.const 1032)) (i64.load (i32.const 2056))))
      (then unreachable))
    (i64.store (i32.const 1024) (i64.const -1))
    (i64.store (i32.const 1032) (i64.const -1))
    (i64.store (i32.const 2048) (i64.const 1))
    (i64.store (i32.const 2056) (i64.const 1)))
  (func $part (param $n i32) (result i64)
    (i64.load (i32.shl (i32.and (local.get $n) (i32.const 7)) (i32.const 3))))
  (func $products (param $a i64) (param $b i64) (param $c i64) (param $d i64)
    (call $multi3-rust (i32.const 1024) (local.get $a) (local.get $b) (local.get $c) (local.get $d))
    (call_indirect (type $product) (i32.const 2048)
      (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 0))
    (call $same)
    (call $multi3-rust163 (i32.const 1024) (local.get $a) (local.get $b) (local.get $c) (local.get $d))
    (call_indirect (type $product) (i32.const 2048)
      (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 4))
    (call $same)
    (call $multi3-clang (i32.const 1024) (local.get $a) (local.get $b) (local.get $c) (local.get $d))
    (call_indirect (type $product) (i32.const 2048)
      (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 8))
    (call $same)
    (call $multi3-clang14 (i32.const 1024) (local.get $a) (local.get $b) (local.get $c) (local.get $d))
    (call_indirect (type $product) (i32.const 2048)
      (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 12))
    (call $same))
  (func $shifts (param $a i64) (param $b i64) (param $n i32)
    (call $ashlti3-rust (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 1))
    (call $same)
    (call $lshrti3-rust (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 2))
    (call $same)
    (call $ashrti3-rust (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 3))
    (call $same)
    (call $ashlti3-rust163 (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 5))
    (call $same)
    (call $lshrti3-rust163 (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 6))
    (call $same)
    (call $ashrti3-rust163 (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 7))
    (call $same)
    (call $ashlti3-clang (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 9))
    (call $same)
    (call $lshrti3-clang (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 10))
    (call $same)
    (call $ashrti3-clang (i32.const 1024) (local.get $a) (local.get $b) (local.get $n))
    (call_indirect (type $shift) (i32.const 2048) (local.get $a) (local.get $b) (local.get $n) (i32.const 11))
    (call $same))
  (func (export "_start") (local $i i32) (local $j i32)
    (loop $all
      (call $products (call $part (local.get $i))
        (call $part (i32.shr_u (local.get $i) (i32.const 3)))
        (call $part (i32.shr_u (local.get $i) (i32.const 6)))
        (call $part (i32.shr_u (local.get $i) (i32.const 9))))
      (br_if $all (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 4096))))
    (loop $bits
      (local.set $i (i32.const 0))
      (loop $all
        (call $shifts (call $part (local.get $i))
          (call $part (i32.shr_u (local.get $i) (i32.const 3)))
          (i32.load8_s offset=64 (local.get $j)))
        (br_if $all (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 64))))
      (br_if $bits (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1)))
        (i32.const 13)))))
)
