;; The same for what a table is filled with.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f)))
  (table 1 1 (ref (exact $f)) (ref.func $f)))
