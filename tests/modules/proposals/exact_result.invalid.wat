;; A reference to an import is not of exactly its type.
(module (type $f (sub (func))) (import "" "f" (func $f (type $f))) (elem declare func $f)
  (func (result (ref (exact $f))) (ref.func $f)))
