;; functions that only fill, by what they do: bytes of a parameter with ends that overlap, and words put together from it; filled again, and silently
;; expect: dead_store func[1] -> func[1] written_again
;; expect: silent_store func[1] -> func[1] fill_unchanged
;; expect: dead_store func[1] -> func[1] overlap
;; expect: silent_store func[1] -> func[1] overlap
;; expect: dead_store func[1] -> func[1] overlap
;; expect: silent_store func[1] -> func[1] overlap
;; expect: dead_store func[2] -> func[3] initialised_overwritten constant=3
;; expect: dead_store func[2] -> func[3] initialised_overwritten constant=4
;; expect: silent_load_after_store func[3] -> func[0] none
;; expect: silent_load_after_store func[3] -> func[0] none
(module (memory (export "memory") 1)
  (func (drop (i32.load (i32.const 512))) (drop (i32.load (i32.const 516))))
  (func (param $d i32) (param $c i32) (param $n i32)
    (i32.store8 (local.get $d) (local.get $c))
    (loop $l
      (i32.store8 (local.get $d) (local.get $c))
      (local.set $d (i32.add (local.get $d) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (param $d i32) (param $c i32) (param $n i32) (local $w i32)
    (local.set $w (i32.mul (local.get $c) (i32.const 0x01010101)))
    (loop $l
      (i32.store (local.get $d) (local.get $w))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4))))))
  (func (param $d i32) (i32.store (local.get $d) (i32.const 3)) (i32.store offset=4 (local.get $d) (i32.const 4)))
  (func (export "_start")
    (call 1 (i32.const 0) (i32.const 1) (i32.const 4)) (call 1 (i32.const 0) (i32.const 1) (i32.const 4))
    (call 2 (i32.const 512) (i32.const 7) (i32.const 8)) (call 3 (i32.const 512)) (call 0)))
