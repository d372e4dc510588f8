(module
  (type $function (func))
  (func $called)
  (elem declare func $called)
  (func (export "_start") (call_ref $function (ref.func $called))))
