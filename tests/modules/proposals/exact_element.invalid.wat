;; The same for an element segment.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f)))
  (elem (ref (exact $f)) (ref.func $f)))
