;; The same for a field in a constant.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f)))
  (type $s (struct (field (ref (exact $f)))))
  (global (ref $s) (struct.new $s (ref.func $f))))
