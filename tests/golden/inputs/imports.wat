(module (import "env" "one" (func $one (result i32))) (import "other" "two" (func $two)) (import "env" "m" (memory 1))
  (func (export "_start") (drop (call $one)) (call $two)))
