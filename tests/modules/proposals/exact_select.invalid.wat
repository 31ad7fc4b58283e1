;; The same, where only what stands behind the reference names the exact type.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f))) (elem declare func $f)
  (func (drop (select (result (ref (exact $f))) (ref.func $f) (ref.func $f) (i32.const 0)))))
