;; The same for a global's value.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f)))
  (global (ref (exact $f)) (ref.func $f)))
