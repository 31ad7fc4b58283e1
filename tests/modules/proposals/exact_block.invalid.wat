;; The same in code alone: nothing outside of it names the exact type.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f))) (elem declare func $f)
  (func (drop (block (result (ref (exact $f))) (ref.func $f)))))
