;; Hostile names: control characters, an escape sequence, bytes that are no UTF-8, markup.
(module (memory (export "memory") 1)
  (func (export "\1b[31mred</script>\n") (i32.store (i32.const 0) (i32.const 1)))
  (func (export "_start") (call 0) (call 0)))
